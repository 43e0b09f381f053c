//! Small components that pages share.

mod avatar;
mod bar;
mod copy;
mod each;
mod field;
pub(crate) mod history;
mod icon;
mod live;
mod moment;
mod options;
mod plain;
mod tab;
mod toast;

pub(crate) use avatar::Avatar;
pub(crate) use bar::{bar, share};
pub(crate) use copy::{LinkToPassOn, copy_link, copy_text};
pub(crate) use each::each;
pub(crate) use field::{FormError, SelectField, TextField};
pub(crate) use history::HistoryList;
pub(crate) use icon::{Icon, Sprite};
pub(crate) use live::{click, flag, text, word};
pub(crate) use moment::{MONTHS, day, time, time_of_day};
pub(crate) use options::options;
pub(crate) use plain::PlainPart;
pub(crate) use tab::tab;
pub(crate) use toast::{ToastList, Toasts};
