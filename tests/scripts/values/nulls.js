// A null inside a map says "nothing" to whoever gets it. JavaScript keeps it as null.
const text = JSON.stringify({ list: [1, null], map: { gone: null, kept: 1 } });
const back = JSON.parse(text);
export default {
  text,
  absent: back.map.gone === null,
  kept: back.map.kept,
  hole: back.list[1] === null,
};
