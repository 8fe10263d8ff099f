//! Backups of a server that runs, and servers that are brought back from them.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use imegha_cloud::backend::embedded::EmbeddedRecords;
use imegha_cloud::{BytesSource, Cloud, Content, Entry, ErrorKind, MemoryDevice, Store};
use imegha_platform::client::{GatewayAddress, Platform};
use imegha_platform::registry::PlatformSchema;

use super::Setting;
use super::running::{PASSWORD, Running, free_address, keys, sign_up, store};
use crate::server::backup::{Made, bring_back, make};
use crate::server::data::{DataFolder, unfinished_restore};

fn content(text: &str) -> Content {
    Content::new(BytesSource::new(text.to_owned()))
}

/// Every file with its bytes, by name.
async fn read_all(cloud: &Cloud) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    for Entry { id, name, damaged, .. } in cloud.list(&cloud.root()).await.expect("listed") {
        assert!(damaged.is_none(), "{name}");
        files.insert(name, cloud.download(&id).await.expect("found").bytes().await.expect("opens"));
    }
    files
}

/// Paths under a folder, with the length of each file.
fn tree(folder: &Path) -> BTreeMap<String, u64> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(inner) = folders.pop() {
        for entry in fs::read_dir(inner).expect("a folder") {
            let path = entry.expect("an entry").path();
            let name = path.strip_prefix(folder).expect("inside").display().to_string();
            match path.is_dir() {
                true => folders.push(path),
                false => drop(found.insert(name, fs::metadata(&path).expect("a file").len())),
            }
        }
    }
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_stored_comes_back_from_a_backup_of_a_running_server() {
    let root = tempfile::tempdir().expect("a temporary folder");
    let (address, origin) = free_address();
    let setting = Setting::new(root.path(), &origin);
    let backups = root.path().join("backups");
    let data = setting.config.data.clone();
    let device = Arc::new(MemoryDevice::new());

    let running = Running::start(&setting, address).await;
    let platform = Platform::new(origin.parse().expect("an origin")).expect("a client");
    let account = sign_up(&setting, &platform, "ann@example.org", "ann").await;
    let url = platform.host_cloud().await.expect("a cloud").url;
    let on_device = |account| Store { device: device.clone(), ..store(account, &url) };
    let cloud = Cloud::create(keys(&account), on_device(&account)).await.expect("created");
    platform.set_gateway(&account, None, GatewayAddress { url: url.clone(), cloud: cloud.id() }).await.expect("set");
    for n in 0..5 {
        cloud.upload(&cloud.root(), &format!("before {n}"), content("kept")).await.expect("uploaded");
    }
    let stop = Arc::new(AtomicBool::new(false));
    let writing = tokio::spawn({
        let (cloud, stop) = (cloud.clone(), stop.clone());
        async move {
            let mut n = 0;
            while !stop.load(Ordering::Relaxed) {
                cloud.upload(&cloud.root(), &format!("during {n}"), content("perhaps")).await.expect("uploaded");
                n += 1;
            }
            n
        }
    });
    let made = {
        let (data, backups) = (data.clone(), backups.clone());
        let made = tokio::task::spawn_blocking(move || {
            make(&data, &backups).expect("a first one");
            make(&data, &backups).expect("a second one")
        });
        made.await.expect("made")
    };
    stop.store(true, Ordering::Relaxed);
    let during = writing.await.expect("written");
    assert!(during > 0, "the server was writing");
    made.check().expect("whole");
    assert_eq!(Made::find(&backups).expect("found").folder, made.folder, "the newest is taken");
    // A restore is refused while the server runs, whatever is asked for.
    let refused = bring_back(&made, &data, true).expect_err("it runs").to_string();
    assert!(refused.contains("another server uses"), "{refused}");
    running.stop().await;

    let refused = bring_back(&made, &data, false).expect_err("not empty").to_string();
    assert!(refused.contains("--replace"), "{refused}");
    let stood = tree(&data);
    let aside = bring_back(&made, &data, true).expect("brought back").expect("something stood there");
    assert_eq!(tree(&aside), stood, "what stood there is all there");
    assert!(!unfinished_restore(&data).exists());

    let running = Running::start(&setting, address).await;
    let platform = Platform::new(origin.parse().expect("an origin")).expect("a client");
    let account = platform.sign_in("ann@example.org", PASSWORD).await.expect("signed in").account;
    let gateway = account.gateway.clone().expect("it was set");
    let new_device = store(&account, &url);
    let cloud = Cloud::open(keys(&account).with_cloud(gateway.cloud), new_device).await.expect("opened");
    let files = read_all(&cloud).await;
    let before = files.keys().filter(|name| name.starts_with("before")).count();
    assert!(before == 5 && files.len() <= 5 + during, "{} files", files.len());
    assert!(files.values().all(|bytes| bytes == b"kept" || bytes == b"perhaps"));
    cloud.upload(&cloud.root(), "after", content("new")).await.expect("it goes on");

    // The device that saw what came after the backup takes the older state for what it cannot be told from: an attack.
    let older = match Cloud::open(keys(&account).with_cloud(gateway.cloud), on_device(&account)).await {
        Ok(cloud) => cloud.list(&cloud.root()).await.expect_err("refused"),
        Err(error) => error,
    };
    assert_eq!(older.kind(), ErrorKind::Rollback);
    running.stop().await;
}

/// A stopped server's data with an account's database and one hosted cloud, without a client.
fn data_folder(root: &Path) -> Setting {
    let setting = Setting::new(root, "https://cloud.example");
    let (site, data) = setting.open();
    let identity = imegha_crypto::Identity::generate().expect("keys");
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(async {
        use imegha_platform::CloudHost as _;
        site.clouds.create(&imegha_crypto::Id::from_bytes([1; 16]), identity.public()).await.expect("made");
    });
    let cloud = data.clouds().join(identity.fingerprint().to_string());
    fill(&cloud, 1..=8, &runtime);
    setting
}

/// Puts objects and records that name them into a cloud, as a gateway would.
fn fill(cloud: &Path, numbers: std::ops::RangeInclusive<u8>, runtime: &tokio::runtime::Runtime) {
    use imegha_cloud::backend::embedded::Embedded;
    use imegha_cloud::backend::{BlobStore as _, Condition, Key, ObjectName, Record, RecordStore as _, Write};
    use imegha_cloud::schema::{CloudSchema, CloudValue, Collection, Field};

    let Embedded { records, blobs } = Embedded::<CloudSchema>::open(cloud).expect("opened");
    for number in numbers {
        let mut object = vec![number; 1_000];
        object[..8].copy_from_slice(b"IMEGHA\x01\x01");
        let object = imegha_crypto::SealedObject::from_received(object).expect("sealed");
        let key = Key::new(Collection::Children, [], [CloudValue::U64(number.into())]);
        let record = Record::new(key)
            .with(Field::Object, CloudValue::Salt([number; 24]))
            .with(Field::Size, CloudValue::U64(1_000));
        runtime.block_on(async {
            blobs.put(&ObjectName::from_salt([number; 24]), object).await.expect("put");
            records.transact(&[Write::Put(record, Condition::None)]).await.expect("written");
        });
    }
}

fn the_cloud(data: &Path) -> std::path::PathBuf {
    fs::read_dir(data.join("clouds")).expect("clouds").next().expect("one").expect("an entry").path()
}

#[test]
fn a_damaged_backup_takes_the_place_of_nothing() {
    let root = tempfile::tempdir().expect("a temporary folder");
    let data = data_folder(root.path()).config.data;
    let backups = root.path().join("backups");
    let made = make(&data, &backups).expect("made");
    let cloud = the_cloud(&made.folder);
    let object = cloud.join("blobs/objects/03").join("03".repeat(24));
    let stood = tree(&data);
    let elsewhere = root.path().join("elsewhere");

    // Each on a copy of its own: files are hard links of the live ones, which nothing may write to.
    let damages: [(&str, &dyn Fn()); 5] = [
        ("not as it was", &|| fs::write(made.folder.join("platform.secret"), [0; 32]).expect("written")),
        ("platform.sqlite is missing", &|| fs::remove_file(made.folder.join("platform.sqlite")).expect("removed")),
        ("cloud.sqlite is not as it was", &|| {
            let path = cloud.join("cloud.sqlite");
            let mut bytes = fs::read(&path).expect("read");
            *bytes.last_mut().expect("not empty") ^= 1;
            fs::write(path, bytes).expect("written");
        }),
        ("missing or cut", &|| fs::remove_file(&object).expect("removed")),
        ("missing or cut", &|| {
            fs::remove_file(&object).expect("removed");
            fs::write(&object, [3; 999]).expect("written");
        }),
    ];
    for (said, damage) in damages {
        let untouched = root.path().join("untouched");
        copy_tree(&made.folder, &untouched);
        damage();
        for refused in
            [made.check().map(|()| None), bring_back(&made, &elsewhere, false), bring_back(&made, &data, true)]
        {
            let refused = format!("{:#}", refused.expect_err(said));
            assert!(refused.contains("is damaged") && refused.contains(said), "{refused}");
        }
        assert!(!elsewhere.exists() && tree(&data) == stood, "nothing was changed");
        fs::remove_dir_all(&made.folder).expect("removed");
        fs::rename(&untouched, &made.folder).expect("put back");
        made.check().expect("whole again");
    }
    // Whole it is brought to a place that is not there yet, and backed up again from there.
    assert_eq!(bring_back(&made, &elsewhere, false).expect("brought back"), None);
    let again = make(&elsewhere, &root.path().join("other")).expect("made");
    assert_eq!(tree(&again.folder).len(), tree(&made.folder).len());
    fs::write(made.folder.join("manifest.json"), r#"{"format":2,"files":{},"clouds":{}}"#).expect("written");
    assert!(Made::find(&backups).expect_err("refused").to_string().contains("format 2"));
    fs::write(made.folder.join("manifest.json"), r#"{"format":1,"files":{"../x":{"size":1,"sha256":""}},"clouds":{}}"#)
        .expect("written");
    assert!(Made::find(&backups).expect_err("refused").to_string().contains("damaged"));
}

fn copy_tree(from: &Path, to: &Path) {
    for path in tree(from).keys() {
        let to = to.join(path);
        fs::create_dir_all(to.parent().expect("a folder")).expect("made");
        fs::copy(from.join(path), to).expect("copied");
    }
}

#[test]
fn what_was_lost_before_is_told_and_the_rest_is_kept() {
    let root = tempfile::tempdir().expect("a temporary folder");
    let data = data_folder(root.path()).config.data;
    fs::remove_file(the_cloud(&data).join("blobs/objects/05").join("05".repeat(24))).expect("removed");
    let made = make(&data, &root.path().join("backups")).expect("made all the same");
    assert_eq!(made.lost(), 1);
    made.check().expect("nothing more is lost");
    bring_back(&made, &root.path().join("elsewhere"), false).expect("brought back");
    assert!(the_cloud(&root.path().join("elsewhere")).join("blobs/objects/06").join("06".repeat(24)).exists());
}

#[test]
fn a_folder_of_something_else_is_refused_in_words() {
    let root = tempfile::tempdir().expect("a temporary folder");
    let refused = make(&root.path().join("nothing"), &root.path().join("b")).expect_err("refused").to_string();
    assert!(refused.contains("no data folder"), "{refused}");
    let refused = Made::find(root.path()).expect_err("refused").to_string();
    assert!(refused.contains("is no backup"), "{refused}");
    let data = data_folder(root.path()).config.data;
    let refused = make(&data, &data.join("backups")).expect_err("refused").to_string();
    assert!(refused.contains("lies in the data folder"), "{refused}");
}

#[cfg(unix)]
#[test]
fn only_the_owner_reads_a_backup() {
    use std::os::unix::fs::PermissionsExt as _;

    let root = tempfile::tempdir().expect("a temporary folder");
    let data = data_folder(root.path()).config.data;
    let made = make(&data, &root.path().join("backups")).expect("made");
    bring_back(&made, &root.path().join("elsewhere"), false).expect("brought back");
    for folder in [&data, &made.folder, &root.path().join("elsewhere")] {
        for path in tree(folder).keys() {
            for path in Path::new(path).ancestors().map(|path| folder.join(path)) {
                // Two empty files to lock by; the folder that they are in is closed.
                if path.ends_with("lock") {
                    continue;
                }
                let mode = fs::metadata(&path).expect("there").permissions().mode();
                assert_eq!(mode & 0o077, 0, "{}: {mode:o}", path.display());
            }
        }
    }
}

/// What the child of the next test runs. Without the variable, as in every other run, there is nothing to do.
#[test]
fn a_child_backs_up_and_brings_back() {
    let Ok(root) = std::env::var("IMEGHA_TEST_BACKUP_CHILD") else { return };
    let root = Path::new(&root);
    println!("begun");
    loop {
        let made = make(&root.join("data"), &root.join("backups")).expect("made");
        bring_back(&made, &root.join("restored"), true).expect("brought back");
        println!("done");
    }
}

/// Killed at any moment of a backup or a restore: what is called a backup is one, and the data folder is whole.
#[test]
fn a56_killed_while_backing_up_and_bringing_back() {
    let root = tempfile::tempdir().expect("a temporary folder");
    let data = data_folder(root.path()).config.data;
    let backups = root.path().join("backups");
    let restored = root.path().join("restored");
    let started = |root: &Path| -> Child {
        Command::new(std::env::current_exe().expect("this program"))
            .args(["--exact", "server::tests::backup::a_child_backs_up_and_brings_back", "--nocapture"])
            .env("IMEGHA_TEST_BACKUP_CHILD", root)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("started")
    };
    let begun = Instant::now();
    bring_back(&make(&data, &backups).expect("made"), &restored, false).expect("brought back");
    let once = begun.elapsed();
    let (mut interrupted_backups, mut interrupted_restores, mut done) = (0, 0, 0);
    for round in 0..24 {
        let mut child = started(root.path());
        let mut lines = BufReader::new(child.stdout.take().expect("piped")).lines();
        while lines.next().expect("it lives").expect("read") != "begun" {}
        // Spread over the time that three of both take.
        std::thread::sleep(once.mul_f64(f64::from(round * 7 % 24) / 8.0));
        child.kill().expect("killed");
        child.wait().expect("it ended");
        done += lines.map_while(Result::ok).filter(|line| line == "done").count();

        for entry in fs::read_dir(&backups).into_iter().flatten() {
            let path = entry.expect("an entry").path();
            match path.extension() {
                Some(_) => interrupted_backups += 1,
                None if path.ends_with("lock") => {}
                None => Made::find(&path).expect("a backup").check().expect("whole"),
            }
        }
        if unfinished_restore(&restored).exists() {
            interrupted_restores += 1;
        }
        match restored.exists() {
            true => {
                let elsewhere = root.path().join("check");
                make(&restored, &elsewhere).expect("whole").check().expect("whole");
                fs::remove_dir_all(elsewhere).expect("removed");
            }
            // Between two names: no server starts on nothing.
            false => assert!(!unfinished_restore(&restored).exists() || DataFolder::open(&restored).is_err()),
        }
        make(&data, &root.path().join("check")).expect("the live one is as it was").check().expect("whole");
        fs::remove_dir_all(root.path().join("check")).expect("removed");
        clear(root.path(), &backups);
    }
    println!("{done} done, {interrupted_backups} backups and {interrupted_restores} restores interrupted");
    assert!(done >= 1 && interrupted_backups >= 1 && interrupted_restores >= 1, "the kills fell on both");
    let made = make(&data, &backups).expect("made");
    bring_back(&made, &restored, true).expect("brought back");
    EmbeddedRecords::<PlatformSchema>::open(restored.join("platform.sqlite")).expect("opened");
}

/// Keeps the disk small: the backups but for the interrupted ones, and what was moved aside.
fn clear(root: &Path, backups: &Path) {
    for folder in [root, backups] {
        for entry in fs::read_dir(folder).into_iter().flatten() {
            let path = entry.expect("an entry").path();
            let name = path.file_name().expect("a name").to_string_lossy().into_owned();
            if name.contains(".before-") || (folder == backups && path.extension().is_none() && name != "lock") {
                fs::remove_dir_all(path).expect("removed");
            }
        }
    }
}
