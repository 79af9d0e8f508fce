//! Memory, file descriptors and CPU time of a process, from `/proc`.

fn file(process: u32, name: &str) -> Option<String> {
    std::fs::read_to_string(format!("/proc/{process}/{name}")).ok()
}

/// Resident memory, in KiB.
pub fn memory(process: u32) -> Option<u64> {
    let status = file(process, "status")?;
    let line = status.lines().find(|line| line.starts_with("VmRSS:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

/// Open descriptors.
pub fn descriptors(process: u32) -> Option<usize> {
    Some(std::fs::read_dir(format!("/proc/{process}/fd")).ok()?.count())
}

/// CPU time so far, in ticks of 10 ms.
pub fn ticks(process: u32) -> Option<u64> {
    let stat = file(process, "stat")?;
    // Fields 14 and 15 of proc(5); the second is a name in brackets, which may have spaces in it.
    let (_, fields) = stat.rsplit_once(')')?;
    let mut fields = fields.split_whitespace().skip(11);
    let mut next = || fields.next()?.parse::<u64>().ok();
    Some(next()? + next()?)
}
