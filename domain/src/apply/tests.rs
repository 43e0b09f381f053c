mod batches;
mod fields;
mod items;
mod lanes;
mod refusals;
mod voices;
