//! A statement for a database: its text, and the values of its question marks in order.

/// A statement with its values.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Statement {
    /// The SQL; `?` for each value.
    pub sql: String,
    /// The values.
    pub values: Vec<Value>,
}

/// A value of a statement.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// Text.
    Text(String),
    /// A whole number below 2^53.
    Number(u64),
    /// Null.
    Null,
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<u64> for Value {
    fn from(number: u64) -> Self {
        Self::Number(number)
    }
}

impl From<u32> for Value {
    fn from(number: u32) -> Self {
        Self::Number(number.into())
    }
}

impl From<bool> for Value {
    fn from(yes: bool) -> Self {
        Self::Number(yes.into())
    }
}

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

impl Statement {
    /// `sql` without values.
    pub fn new(sql: &str) -> Self {
        Self { sql: sql.to_owned(), values: Vec::new() }
    }

    /// With `sql` after it.
    #[must_use]
    pub fn and(mut self, sql: &str) -> Self {
        self.sql += sql;
        self
    }

    /// With the value of the next question mark.
    #[must_use]
    pub fn bind(mut self, value: impl Into<Value>) -> Self {
        self.values.push(value.into());
        self
    }

    /// With another statement after it, and its values.
    #[must_use]
    pub fn then(mut self, other: &Self) -> Self {
        self.sql += &other.sql;
        self.values.extend(other.values.iter().cloned());
        self
    }
}
