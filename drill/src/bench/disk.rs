//! How long the disk takes to keep something. Every acknowledgement waits for it, so no latency means much without it.

use std::{
    fs::File,
    io::{Seek as _, SeekFrom, Write as _},
    path::Path,
    time::Instant,
};

use anyhow::Result;

use super::load::Load;
use crate::times::quantile;

const WRITES: usize = 200;

/// The median time of writing 4 KiB and waiting for the disk, in milliseconds, once for each run.
pub(super) fn fsync(folder: &Path, load: Load) -> Result<Vec<f64>> {
    let path = folder.join("fsync");
    let mut medians = Vec::new();
    for _ in 0..load.runs() {
        let mut file = File::create(&path)?;
        let block = [7; 4096];
        // Like a write-ahead log that has its size: later rounds write over what is there.
        file.write_all(&block.repeat(WRITES))?;
        file.sync_all()?;
        file.seek(SeekFrom::Start(0))?;
        let mut times = Vec::with_capacity(WRITES);
        for _ in 0..WRITES {
            let begun = Instant::now();
            file.write_all(&block)?;
            file.sync_data()?;
            times.push(begun.elapsed().as_secs_f64() * 1e3);
        }
        medians.push(quantile(&mut times, 0.5));
    }
    std::fs::remove_file(path)?;
    Ok(medians)
}
