mod batches;
mod items;
mod lanes;
mod refusals;
mod voices;
