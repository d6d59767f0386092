//! Time, memory and disk of this machine.

use super::finding::{Finding, bytes};
use crate::catalog::Catalog;
use jiff::tz::{TimeZone, TimeZoneDatabase};
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// How far ahead zones are compared, and how old their data may be, in years.
const AHEAD: SignedDuration = SignedDuration::from_hours(2 * 365 * 24);
const OLD: i16 = 2;

/// What synchronizes a Linux machine's clock leaves one of these while it does.
const KEEPERS: [(&str, &str); 5] = [
    ("/run/systemd/timesync/synchronized", "systemd-timesyncd"),
    ("/run/chrony/chronyd.pid", "chrony"),
    ("/run/chronyd.pid", "chrony"),
    ("/run/ntpd.pid", "ntpd"),
    ("/run/openntpd.pid", "openntpd"),
];

/// Less free memory than that is short for a report with charts and a workbook.
const MEMORY: u64 = 128_000_000;

/// Bytes that this user may still write where `folder` lies.
pub fn free(folder: &Path) -> std::io::Result<u64> {
    let found = rustix::fs::statvfs(folder)?;
    Ok(found.f_bavail.saturating_mul(found.f_frsize))
}

/// Whether this machine's data on the installation's zones is kpid's own: one of them is old where they differ.
pub fn time_zones(catalog: &Catalog, now: Timestamp) -> Finding {
    const ABOUT: &str = "time zone";
    let settings = &catalog.settings.calendar.zone;
    let reports = catalog.reports.values().map(|report| &report.calendar.zone);
    let databases = catalog.databases.values().filter_map(|database| database.time_zone.as_ref());
    let names: BTreeSet<&str> =
        std::iter::once(settings).chain(reports).chain(databases).filter_map(TimeZone::iana_name).collect();
    let own = TimeZoneDatabase::bundled();
    let differs = |name: &&&str| {
        let both = (jiff::tz::db().get(name), own.get(name));
        matches!(both, (Ok(used), Ok(own)) if changes(&used, now) != changes(&own, now))
    };
    let local = now.to_zoned(settings.clone()).strftime("%Y-%m-%d %H:%M");
    let said = format!("{}: it is {local}", settings.iana_name().unwrap_or("a zone without a name"));
    let version = fs::read_to_string("/usr/share/zoneinfo/tzdata.zi").ok().as_deref().and_then(version_of);
    if let Some(name) = names.iter().find(differs) {
        let what = format!("{said}; this machine's data and kpid's own disagree about {name}");
        return Finding::warning(ABOUT, what).advice("update tzdata, or kpid: one of them is out of date");
    }
    let year = version.as_ref().and_then(|version| version.get(..4)?.parse::<i16>().ok());
    match (version, year) {
        (Some(version), Some(year)) if now.to_zoned(TimeZone::UTC).year() - year >= OLD => {
            Finding::warning(ABOUT, format!("{said}; this machine's data is of {version}")).advice("update tzdata")
        }
        (Some(version), _) => Finding::good(ABOUT, format!("{said}; data of {version}")),
        (None, _) => Finding::good(ABOUT, format!("{said}; kpid's own data")),
    }
}

fn changes(zone: &TimeZone, now: Timestamp) -> Vec<(Timestamp, jiff::tz::Offset)> {
    let coming = zone.following(now).take_while(|change| change.timestamp() < now + AHEAD);
    coming.map(|change| (change.timestamp(), change.offset())).collect()
}

/// `# version 2026a`, the first line of `tzdata.zi`.
fn version_of(text: &str) -> Option<String> {
    Some(text.lines().next()?.strip_prefix("# version ")?.trim().to_owned())
}

/// Whether the clock can be right, and who keeps it so.
pub fn clock(dir: &Path, now: Timestamp) -> Finding {
    const ABOUT: &str = "clock";
    if let Some((path, changed)) = newest(dir).filter(|(_, changed)| *changed > now + SignedDuration::from_hours(1)) {
        let what = format!("it says {now:.0}, but {} was changed after that, at {changed:.0}", path.display());
        return Finding::failed(ABOUT, what).advice("set the clock: timedatectl");
    }
    match KEEPERS.iter().find(|(path, _)| Path::new(path).exists()) {
        Some((_, keeper)) => Finding::good(ABOUT, format!("{now:.0}, kept by {keeper}")),
        None => Finding::warning(ABOUT, format!("{now:.0}; nothing seen that keeps it by NTP"))
            .advice("reports begin by this clock: timedatectl says whether it is kept"),
    }
}

/// The file of `dir` that was changed last.
fn newest(dir: &Path) -> Option<(PathBuf, Timestamp)> {
    let changed =
        |entry: fs::DirEntry| Some((entry.path(), Timestamp::try_from(entry.metadata().ok()?.modified().ok()?).ok()?));
    fs::read_dir(dir).ok()?.filter_map(|entry| changed(entry.ok()?)).max_by_key(|(_, changed)| *changed)
}

/// What is left of this machine's memory, or of the share that it gives kpid (cgroup v2).
pub fn memory() -> Finding {
    const ABOUT: &str = "memory";
    let read = |path: &str| fs::read_to_string(path).unwrap_or_default();
    let number = |path: &str| read(path).trim().parse::<u64>().ok();
    let machine = available(&read("/proc/meminfo"));
    let share = number("/sys/fs/cgroup/memory.max").zip(number("/sys/fs/cgroup/memory.current"));
    let share = share.map(|(most, used)| most.saturating_sub(used));
    match machine.into_iter().chain(share).min() {
        None => Finding::warning(ABOUT, "this system doesn't say how much is left"),
        Some(left) if left < MEMORY => Finding::warning(ABOUT, format!("{} are left", bytes(left)))
            .advice("a report with charts takes up to 200 MB"),
        Some(left) => Finding::good(ABOUT, format!("{} are left", bytes(left))),
    }
}

/// Bytes, of proc(5)'s `MemAvailable:  123 kB`.
fn available(meminfo: &str) -> Option<u64> {
    let line = meminfo.lines().find_map(|line| line.strip_prefix("MemAvailable:"))?;
    Some(line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok()? * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_system_writes_is_read() {
        assert_eq!(available("MemTotal: 9 kB\nMemAvailable:   2048 kB\nBuffers: 1 kB\n"), Some(2_097_152));
        assert_eq!(available("MemTotal: 9 kB\n"), None);
        assert_eq!(
            version_of("# version 2026b\n# This zic input file is in the public domain.\n").as_deref(),
            Some("2026b")
        );
        assert_eq!(version_of("R A 1916 o"), None);
    }

    #[test]
    fn clock_before_a_file_of_the_installation_is_wrong() {
        let dir = std::env::temp_dir().join(format!("kpid-doctor-{}", std::process::id()));
        fs::create_dir_all(&dir).unwrap();
        fs::write(dir.join("kpis.yaml"), "").unwrap();
        let finding = clock(&dir, "2001-02-03T04:05:06Z".parse().unwrap());
        let sensible = clock(&dir, "2126-02-03T04:05:06Z".parse().unwrap());
        fs::remove_dir_all(&dir).unwrap();
        assert!(finding.is_failure(), "{finding:?}");
        assert!(!sensible.is_failure(), "{sensible:?}");
    }
}
