// A random UUID of version 4.
const one = Utils.uuid(), two = Utils.uuid();
const form = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
export default { form: form.test(one), differ: one !== two, length: one.length };
