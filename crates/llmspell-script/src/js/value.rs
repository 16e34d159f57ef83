//! Values of the runtime as values of JavaScript and back.

use llmspell_core::value::MAX_DEPTH;
use llmspell_core::{Error, Kind, Map, Result, Value};
use rquickjs::function::This;
use rquickjs::object::Property;
use rquickjs::{Array, ArrayBuffer, Coerced, Ctx, Function, Object, TypedArray, Value as Js};

use super::class::{self, Class};
use super::error;
use super::vm::Vm;
use crate::reading::{Purpose, Reading, Step};

/// The largest whole number that is written as a number; larger ones are written as `BigInt`.
const MAX_WHOLE: i64 = 1 << 53;

/// Deepest value that is written to JavaScript.
const MAX_WRITTEN_DEPTH: usize = 1_000;

/// Converts a value of the runtime.
pub(super) fn to_js<'js>(vm: &Vm, ctx: &Ctx<'js>, value: &Value) -> rquickjs::Result<Js<'js>> {
    write(vm, ctx, value, 0)
}

fn write<'js>(vm: &Vm, ctx: &Ctx<'js>, value: &Value, depth: usize) -> rquickjs::Result<Js<'js>> {
    if depth > MAX_WRITTEN_DEPTH {
        let error = Error::new(Kind::Limit, "a value is nested too deep");
        return Err(error::throw(vm, ctx, error));
    }
    Ok(match value {
        Value::Null => Js::new_null(ctx.clone()),
        Value::Bool(truth) => Js::new_bool(ctx.clone(), *truth),
        Value::Int(number) if (-MAX_WHOLE..=MAX_WHOLE).contains(number) => {
            Js::new_number(ctx.clone(), *number as f64)
        }
        Value::Int(number) => Js::new_big_int(ctx.clone(), *number)?,
        Value::Float(number) => Js::new_float(ctx.clone(), *number),
        Value::Str(text) => rquickjs::String::from_str(ctx.clone(), text)?.into_value(),
        Value::Bytes(bytes) => TypedArray::<u8>::new_copy(ctx.clone(), bytes)?.into_value(),
        Value::List(items) => {
            let list = Array::new(ctx.clone())?;
            for (index, item) in items.iter().enumerate() {
                list.set(index, write(vm, ctx, item, depth + 1)?)?;
            }
            list.into_value()
        }
        Value::Map(map) => {
            let object = Object::new(ctx.clone())?;
            for (name, value) in map {
                set(&object, name, write(vm, ctx, value, depth + 1)?)?;
            }
            object.into_value()
        }
        Value::Handle(handle) => vm.handle_object(ctx, handle)?.into_value(),
        Value::Function(callback) => vm.foreign(ctx, callback)?.into_value(),
    })
}

/// Sets an own member; `object.__proto__ = x` would set something else.
fn set<'js>(object: &Object<'js>, name: &str, value: Js<'js>) -> rquickjs::Result<()> {
    if name == "__proto__" {
        let member = Property::from(value);
        return object.prop(name, member.writable().enumerable().configurable());
    }
    object.set(name, value)
}

/// Converts a value of JavaScript.
///
/// - Errors: `InvalidArgs` for what cannot be converted, naming the path to it; `Limit` past the largest size; what a
///   getter or `toJSON` of the script raises.
pub(super) fn from_js(vm: &Vm, value: &Js<'_>, purpose: Purpose) -> Result<Value> {
    let mut reader = Reader {
        vm,
        reading: Reading::new(purpose),
        open: Vec::new(),
    };
    let read = reader.read(value)?;
    // No object is the text that it can be written as: an answer that is a text means something.
    match (purpose, &read, value.as_object()) {
        (Purpose::Answer, Value::Str(_) | Value::Bytes(_), Some(object)) => {
            Err(reader.reading.refuse_kind(&class::name(object)))
        }
        _ => Ok(read),
    }
}

/// Returns the text of a string; halves of characters become U+FFFD.
pub(super) fn text(value: &rquickjs::String<'_>) -> rquickjs::Result<String> {
    match value.to_string() {
        Err(rquickjs::Error::Utf8(_)) => {
            let prototype: Object<'_> = value
                .ctx()
                .globals()
                .get::<_, Object<'_>>("String")?
                .get("prototype")?;
            let well_formed: Function<'_> = prototype.get("toWellFormed")?;
            let text: rquickjs::String<'_> = well_formed.call((This(value.clone()),))?;
            text.to_string()
        }
        text => text,
    }
}

struct Reader<'v, 'js> {
    vm: &'v Vm,
    reading: Reading,
    open: Vec<Object<'js>>,
}

impl<'js> Reader<'_, 'js> {
    fn read(&mut self, value: &Js<'js>) -> Result<Value> {
        self.reading.charge(16)?;
        if value.is_null() || value.is_undefined() {
            return Ok(Value::Null);
        }
        if let Some(truth) = value.as_bool() {
            return Ok(Value::Bool(truth));
        }
        if let Some(number) = value.as_int() {
            return Ok(Value::Int(number.into()));
        }
        if let Some(number) = value.as_float() {
            let whole = number.fract() == 0.0 && number.abs() <= MAX_WHOLE as f64;
            return Ok(match whole {
                true => Value::Int(number as i64),
                false => self.reading.float(number),
            });
        }
        if let Some(string) = value.as_string() {
            let text = text(string).map_err(|failure| self.raised(value, failure))?;
            self.reading.charge(text.len())?;
            return Ok(Value::Str(text));
        }
        if let Some(object) = value.as_object() {
            return self.read_object(object);
        }
        if value.is_big_int() {
            let digits: Coerced<String> =
                value.get().map_err(|failure| self.raised(value, failure))?;
            return match digits.0.parse() {
                Ok(number) => Ok(Value::Int(number)),
                Err(_) => Err(self
                    .reading
                    .refuse("cannot convert a BigInt of more than 64 bits")),
            };
        }
        match self.reading.purpose {
            Purpose::Result => Ok(Value::Str(format!("<{}>", value.type_name()))),
            _ => Err(self.reading.refuse_kind(value.type_name())),
        }
    }

    /// What a getter or a conversion of the script raised.
    fn raised(&self, value: &Js<'js>, failure: rquickjs::Error) -> Error {
        error::caught(self.vm, value.ctx(), failure)
    }

    fn read_object(&mut self, object: &Object<'js>) -> Result<Value> {
        if let Some(handle) = self.vm.handle_of(object) {
            return Ok(match self.reading.purpose {
                Purpose::Argument | Purpose::Answer => Value::Handle(handle),
                Purpose::Result => {
                    let name = handle.fields.get("name").and_then(Value::as_str);
                    Value::Str(format!("<{} {}>", handle.kind, name.unwrap_or(&handle.id)))
                }
            });
        }
        let class = class::of(object);
        match (class, self.reading.purpose) {
            (Class::Function, Purpose::Result) => return Ok(Value::from("<function>")),
            (Class::Function, _) => return self.read_function(object),
            (Class::Promise, Purpose::Result) => return Ok(Value::from("<promise>")),
            (Class::Promise, _) => {
                let error = self.reading.refuse_kind("Promise");
                return Err(error.hint("`await` it first"));
            }
            (Class::Bytes, _) => {
                if let Some(bytes) = bytes(object) {
                    self.reading.charge(bytes.len())?;
                    return Ok(Value::Bytes(bytes));
                }
            }
            (Class::Other, Purpose::Argument | Purpose::Answer) => self.refuse_live(object)?,
            _ => {}
        }
        let known = self.open.contains(object);
        if known || self.open.len() >= MAX_DEPTH {
            return match (self.reading.purpose, known) {
                (Purpose::Result, true) => Ok(Value::from("<cycle>")),
                (Purpose::Result, false) => Ok(Value::from("<too deep>")),
                (_, true) => Err(self.reading.refuse("a value contains itself")),
                (_, false) => Err(self
                    .reading
                    .refuse(&format!("a value is nested deeper than {MAX_DEPTH} levels"))),
            };
        }
        self.open.push(object.clone());
        let read = match class {
            Class::Array => self.read_list(object),
            Class::Set => self.read_set(object),
            Class::Map => self.read_entries(object),
            Class::Error => self.read_error(object),
            Class::Date => self.read_json(object),
            _ => self.read_plain(object),
        };
        self.open.pop();
        read
    }

    /// Refuses an object that has no members which could stand for it.
    fn refuse_live(&self, object: &Object<'js>) -> Result<()> {
        match class::live(object) {
            None => Ok(()),
            Some(kind) if kind.starts_with("Weak") => Err(self.reading.refuse_kind(&kind)),
            Some(kind) => {
                let error = self.reading.refuse_kind(&kind);
                Err(error.hint("read it into an array first"))
            }
        }
    }

    fn read_function(&mut self, object: &Object<'js>) -> Result<Value> {
        let Some(function) = object.as_function() else {
            return Err(self.reading.refuse("cannot convert a function"));
        };
        Ok(Value::Function(self.vm.hand_out(function)))
    }

    fn read_list(&mut self, object: &Object<'js>) -> Result<Value> {
        let Some(array) = object.as_array() else {
            return self.read_plain(object);
        };
        let mut items = Vec::with_capacity(array.len().min(1 << 16));
        for index in 0..array.len() {
            let item: Js<'js> = array
                .get(index)
                .map_err(|failure| self.raised(object, failure))?;
            items.push(self.read_at(Step::Index(index as i64), &item)?);
        }
        Ok(Value::List(items))
    }

    fn read_at(&mut self, step: Step, value: &Js<'js>) -> Result<Value> {
        self.reading.path.push(step);
        let read = self.read(value)?;
        self.reading.path.pop();
        Ok(read)
    }

    /// The items of a `Set`, or the pairs of a `Map`, as an array.
    fn items(&self, object: &Object<'js>) -> Result<Array<'js>> {
        let items = self.vm.part(object.ctx(), |parts| &parts.items);
        items
            .and_then(|items| items.call((object.clone(),)))
            .map_err(|failure| self.raised(object, failure))
    }

    fn read_set(&mut self, object: &Object<'js>) -> Result<Value> {
        let items = self.items(object)?;
        self.read_list(items.as_object())
    }

    fn read_entries(&mut self, object: &Object<'js>) -> Result<Value> {
        let mut map = Map::new();
        for pair in self.items(object)?.iter::<Array<'js>>() {
            let parts =
                pair.and_then(|pair| Ok((pair.get::<Js<'js>>(0)?, pair.get::<Js<'js>>(1)?)));
            let (key, value) = parts.map_err(|failure| self.raised(object, failure))?;
            if !(key.is_string() || key.is_number() || key.is_big_int() || key.is_bool())
                || value.is_undefined()
            {
                continue;
            }
            let name: Coerced<String> =
                key.get().map_err(|failure| self.raised(object, failure))?;
            self.reading.charge(name.0.len())?;
            let value = self.read_at(Step::Name(name.0.as_str().into()), &value)?;
            map.insert(name.0, value);
        }
        Ok(Value::Map(map))
    }

    fn read_error(&mut self, object: &Object<'js>) -> Result<Value> {
        let Value::Map(own) = self.read_members(object)? else {
            return Ok(Value::Null);
        };
        let mut map = Map::new();
        let named = if own.contains_key("kind") {
            &["message"][..]
        } else {
            &["name", "message"]
        };
        for &name in named {
            let value: Js<'js> = object
                .get(name)
                .map_err(|failure| self.raised(object, failure))?;
            let value = self.read_at(Step::Name(name.into()), &value)?;
            map.insert(name, value);
        }
        map.extend(own);
        Ok(Value::Map(map))
    }

    /// Reads an object as itself says in `toJSON`.
    fn read_json(&mut self, object: &Object<'js>) -> Result<Value> {
        let said: Js<'js> = object
            .get("toJSON")
            .and_then(|to_json: Function<'js>| to_json.call((This(object.clone()),)))
            .map_err(|failure| self.raised(object, failure))?;
        self.read(&said)
    }

    fn read_plain(&mut self, object: &Object<'js>) -> Result<Value> {
        let to_json: Js<'js> = object
            .get("toJSON")
            .map_err(|failure| self.raised(object, failure))?;
        if to_json.is_function() {
            return self.read_json(object);
        }
        self.read_members(object)
    }

    fn read_members(&mut self, object: &Object<'js>) -> Result<Value> {
        let mut map = Map::new();
        for member in object.props::<rquickjs::String<'js>, Js<'js>>() {
            let (name, value) = member.map_err(|failure| self.raised(object, failure))?;
            if value.is_undefined() {
                continue;
            }
            let name = text(&name).map_err(|failure| self.raised(object, failure))?;
            self.reading.charge(name.len())?;
            self.reading.path.push(Step::Name(name.into()));
            let value = self.read(&value)?;
            if let Some(Step::Name(name)) = self.reading.path.pop() {
                map.insert(name, value);
            }
        }
        Ok(Value::Map(map))
    }
}

/// Returns a copy of what a typed array or an `ArrayBuffer` holds; `None` for arrays of other numbers than bytes.
fn bytes(object: &Object<'_>) -> Option<Vec<u8>> {
    // SAFETY: the bytes are copied at once, while no script runs.
    unsafe {
        if let Some(bytes) = object.as_typed_array::<u8>() {
            return bytes.as_bytes().map(<[u8]>::to_vec);
        }
        ArrayBuffer::from_object(object.clone())?
            .as_bytes()
            .map(<[u8]>::to_vec)
    }
}
