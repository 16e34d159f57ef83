// The same object twice is no cycle: it arrives as two equal values.
const address = { city: "Bern" };
const text = JSON.stringify({ home: address, work: address, all: [address, address] });
export default JSON.parse(text);
