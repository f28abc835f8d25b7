//! Two hundred thousand contacts: many pages, few schedules, no more memory than for a few contacts.

use std::{collections::BTreeSet, fs, time::Instant};

use chrono::TimeDelta;
use chrono_tz::TZ_VARIANTS;
use sandbox::{Options, Outcome, Sandbox, cxone::ContactList};
use serde_json::{Value, json};
use sysinfo::{ProcessRefreshKind, ProcessesToUpdate, System, UpdateKind};
use system::PATIENCE;
use tokio::time;

use super::{plan, sandbox, try_to_plan};

const CONTACTS: usize = 200_000;
const ZONES: usize = 400;
/// CXone hands out a thousand contacts at once.
const PAGES: usize = CONTACTS / 1000;
/// Pages that are read before the progress is stored.
const PAGES_PER_STEP: usize = 25;
/// Memory that a page, and the zones found so far, may take beyond a few contacts.
const GROWTH_KIB_MAX: u64 = 8 * 1024;

/// A campaign whose contacts are in CXone.
fn campaign(sandbox: &Sandbox, id: &str, contacts: usize) -> Value {
    let zone = |index: usize| TZ_VARIANTS[index % ZONES].name().to_owned();
    let contact = move |index| (format!("contact-{index}"), Some(zone(index)));
    sandbox.cxone.set_contact_list(id, ContactList::generated(contacts, contact));
    json!({
        "campaignId": id, "cron": "0 10 * * *", "expectedCompleted": 1, "purpose": "service",
    })
}

/// The most memory that any process of the scheduler has used, in KiB.
fn peak_kib() -> u64 {
    let mut system = System::new().expect("the system lists its processes");
    let what = ProcessRefreshKind::nothing().with_exe(UpdateKind::Always);
    system.refresh_processes_specifics(ProcessesToUpdate::All, true, what);
    let own = sysinfo::get_current_pid().expect("this process has an id");
    let is_scheduler = |process: &&sysinfo::Process| {
        let name = process.exe().and_then(|exe| exe.file_name());
        process.parent() == Some(own) && name.is_some_and(|name| name == "campaign-scheduler")
    };
    let peak = |process: &sysinfo::Process| {
        let status = fs::read_to_string(format!("/proc/{}/status", process.pid())).ok()?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
        line.trim().strip_suffix(" kB")?.parse().ok()
    };
    system.processes().values().filter(is_scheduler).filter_map(peak).max().unwrap_or_default()
}

async fn reached(sandbox: &Sandbox, pages: usize) {
    let gives_up_at = Instant::now() + PATIENCE;
    while sandbox.cxone.calls("listContacts") < pages {
        assert!(Instant::now() < gives_up_at, "the contacts are not read");
        time::sleep(time::Duration::from_millis(20)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn many_contacts_are_one_schedule_for_each_zone_whose_law_is_known_in_v2() {
    let sandbox = sandbox(Options::default()).await;
    let report = plan(&sandbox, &[campaign(&sandbox, "small", ZONES)]).await;
    let small_kib = peak_kib();
    let refused = report["campaigns"][0]["failed"].as_array().expect("unknown law");
    let (pages_before, allowed) = (sandbox.cxone.calls("listContacts"), ZONES - refused.len());
    assert!(allowed >= 100, "{report}");
    assert_eq!(sandbox.cxone.calls("createSchedule"), allowed);

    let campaigns = [campaign(&sandbox, "large", CONTACTS)];
    let (outcome, ()) = tokio::join!(try_to_plan(&sandbox, &campaigns), async {
        reached(&sandbox, pages_before + PAGES / 2).await;
        sandbox.faults.kill("campaign-scheduler");
    });
    assert!(matches!(outcome, Outcome::Exited), "it was killed half-way: {outcome:?}");

    // The lease of the one that was killed lapses.
    sandbox.clock.advance(TimeDelta::minutes(6));
    let report = plan(&sandbox, &campaigns).await;
    assert_eq!(report["campaigns"][0]["status"], "partly_scheduled", "{report}");
    let pages = sandbox.cxone.calls("listContacts") - pages_before;
    assert!(pages <= PAGES + PAGES_PER_STEP, "{pages} pages were read: it went on half-way");

    plan(&sandbox, &campaigns).await;
    assert_eq!(sandbox.cxone.calls("createSchedule"), 2 * allowed);
    let schedules = sandbox.cxone.schedules();
    let zones: BTreeSet<_> = schedules
        .iter()
        .filter(|schedule| schedule.campaign == "large")
        .map(|schedule| &schedule.time_zone)
        .collect();
    assert_eq!(zones.len(), allowed, "one each");

    let large_kib = peak_kib();
    println!("peak memory: {small_kib} KiB for {ZONES} contacts, {large_kib} KiB for {CONTACTS}");
    assert!(large_kib <= small_kib + GROWTH_KIB_MAX, "{small_kib} grew to {large_kib} KiB");
}
