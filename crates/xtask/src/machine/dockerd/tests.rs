//! With stand-ins for dockerd: what is seen is who starts it and what is said when it fails.

use shipstack_testkit::wait_until;
use tokio::net::UnixListener;

use super::*;

const SHORT: Duration = Duration::from_millis(300);
const LONG: Duration = Duration::from_mins(1);

/// A program that leaves a trace of having been started, and fails.
fn fails(folder: &Path) -> Command {
    let mut command = process::command("sh", &["-c", "touch started; echo one; echo no room >&2; exit 1"]);
    command.current_dir(folder);
    command
}

fn was_started(folder: &Path) -> bool {
    folder.join("started").exists()
}

/// An engine that answers every ping, for as long as the test runs.
fn engine_in(folder: &Path) {
    let listener = UnixListener::bind(socket(folder)).unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut question = [0; 64];
            let _read = stream.read(&mut question).await;
            let _gone = stream.write_all(b"HTTP/1.1 200 OK\r\n\r\nOK").await;
        }
    });
}

#[tokio::test]
async fn the_engine_of_another_is_used_and_no_second_one_is_started() {
    let folder = tempfile::tempdir().unwrap();
    let _held = Hold::take(&folder.path().join("lock")).unwrap().unwrap();
    engine_in(folder.path());
    let engine = share_or_start(folder.path(), &mut fails(folder.path()), LONG).await.unwrap();
    let own = std::process::id().to_string();
    assert!(matches!(engine, Engine::Anothers(Some(holder)) if holder == own));
    assert!(!was_started(folder.path()));
}

#[tokio::test]
async fn an_engine_that_a_killed_process_left_is_used() {
    let folder = tempfile::tempdir().unwrap();
    engine_in(folder.path());
    let engine = share_or_start(folder.path(), &mut fails(folder.path()), LONG).await.unwrap();
    assert!(matches!(engine, Engine::Anothers(None)));
    assert!(!was_started(folder.path()));
}

#[tokio::test]
async fn a_folder_whose_holder_s_engine_does_not_answer_is_left_alone_and_the_holder_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let _held = Hold::take(&folder.path().join("lock")).unwrap().unwrap();
    let error =
        share_or_start(folder.path(), &mut fails(folder.path()), SHORT).await.unwrap_err().to_string();
    assert!(error.contains(&format!("process {}", std::process::id())), "{error}");
    assert!(!was_started(folder.path()));
}

#[tokio::test]
async fn a_dockerd_that_ends_at_its_start_is_noticed_with_the_end_of_its_log_and_frees_the_folder() {
    let folder = tempfile::tempdir().unwrap();
    let started = Instant::now();
    let error = share_or_start(folder.path(), &mut fails(folder.path()), LONG).await.unwrap_err().to_string();
    assert!(started.elapsed() < LONG / 2);
    assert!(error.contains("ended at its start") && error.ends_with("one\nno room"), "{error}");
    assert!(was_started(folder.path()));
    assert!(Hold::take(&folder.path().join("lock")).unwrap().is_some());
}

#[tokio::test]
async fn an_engine_of_ours_holds_the_folder_until_it_has_ended() {
    let folder = tempfile::tempdir().unwrap();
    let (path, lock) = (folder.path(), folder.path().join("lock"));
    let late = async {
        wait_until("the program was started", || std::future::ready(was_started(path))).await;
        engine_in(path);
    };
    let mut program = process::command("sh", &["-c", "touch started; exec sleep 600"]);
    program.current_dir(path);
    let (engine, ()) = tokio::join!(share_or_start(path, &mut program, LONG), late);
    let Engine::Ours(engine) = engine.unwrap() else { panic!("not ours") };
    assert!(Hold::take(&lock).unwrap().is_none());
    drop(engine);
    assert!(Hold::take(&lock).unwrap().is_some());
}

#[tokio::test]
async fn an_engine_of_ours_that_was_killed_is_started_again_where_it_was_and_keeps_the_folder() {
    let folder = tempfile::tempdir().unwrap();
    let (path, lock) = (folder.path(), folder.path().join("lock"));
    let times = || std::fs::read_to_string(path.join("started")).unwrap_or_default().lines().count();
    let late = async {
        wait_until("the program was started", || std::future::ready(was_started(path))).await;
        engine_in(path);
    };
    let program = || {
        let mut program = process::command("sh", &["-c", "echo once >> started; exec sleep 600"]);
        program.current_dir(path);
        program
    };
    let mut first = program();
    let (engine, ()) = tokio::join!(share_or_start(path, &mut first, LONG), late);
    let Engine::Ours(mut engine) = engine.unwrap() else { panic!("not ours") };
    engine.kill().await.unwrap();
    assert!(engine.group.has_ended().unwrap());
    assert!(Hold::take(&lock).unwrap().is_none(), "nobody else may start one meanwhile");
    engine.start_again(&mut program(), LONG).await.unwrap();
    wait_until("it was started again", || std::future::ready(times() == 2)).await;
    assert!(!engine.group.has_ended().unwrap());
}
