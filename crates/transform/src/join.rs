//! Lines that are rows of another dataset's objects in the same delivery.

use catwing_domain::DatasetName;
use toml::{Table, Value as Toml};

use crate::{
    expression::{self, Expression},
    scribe::Scribe,
};

/// Rows of another dataset that are the lines of a record.
#[derive(Debug)]
pub(crate) struct Join {
    pub(crate) dataset: DatasetName,
    /// Over a row of that dataset: the key of the record that it is a line of.
    pub(crate) key: Expression,
}

/// Compiles `dataset = "order_details", on = "order_id"` of a list.
pub(crate) fn compile(scribe: &mut Scribe<'_>, at: &str, table: &Table) -> Option<DatasetName> {
    if !scribe.is_outermost() {
        let help = "rows of another dataset are lines of a record, not of one of its lines";
        scribe.mistake(at, help);
        return None;
    }
    let name = table.get("dataset").and_then(Toml::as_str);
    let (Some(name), Some(on)) = (name, table.get("on")) else {
        let help = "lines of another dataset are { dataset = \"name\", on = EXPRESSION, fields = { ... } }, on being the key in their rows";
        scribe.mistake(at, help);
        return None;
    };
    let dataset = scribe.partner(&format!("{at}.dataset"), name)?;
    let here = format!("{at}.on");
    let key = scribe.apart(&dataset, |scribe| expression::compile(scribe, &here, on))?;
    let join = Join {
        dataset: dataset.clone(),
        key,
    };
    scribe.join(join);
    Some(dataset)
}
