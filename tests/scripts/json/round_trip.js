// What was read can be written again, unchanged.
const text = '{"a":[1,2.5,"x",[],{}],"b":{"c":null,"d":false},"e":"\\"quoted\\""}';
const again = JSON.parse(text);
export default { same: JSON.stringify(again) === text, text: JSON.stringify(again) };
