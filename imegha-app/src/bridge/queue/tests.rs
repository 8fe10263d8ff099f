//! The rules of the list.

use super::*;

fn up() -> Direction {
    Direction::Up { folder: "f".to_owned(), path: Vec::new() }
}

fn down() -> Direction {
    Direction::Down { node: "n".to_owned(), revision: None }
}

fn queue(files: u32) -> Queue {
    let mut queue = Queue::default();
    let batch = queue.begin_batch();
    for number in 1..=files {
        assert_eq!(queue.add(batch, up(), format!("{number}.jpg"), 100), number);
    }
    queue
}

fn state(queue: &Queue, number: u32) -> State {
    queue.of(number).expect("a transfer").state.clone()
}

fn failed(code: ErrorCode) -> Result<(), Failure> {
    Err(Failure { code, ms: None })
}

fn started(queue: &mut Queue) -> Vec<u32> {
    queue.start().iter().map(|transfer| transfer.number).collect()
}

#[test]
fn two_at_once_in_their_order() {
    let mut queue = queue(4);
    assert_eq!(started(&mut queue), [1, 2]);
    assert_eq!(started(&mut queue), [0; 0]);
    queue.wait(1);
    assert_eq!(started(&mut queue), [0; 0]);
    queue.finish(1, Ok(()));
    assert_eq!(started(&mut queue), [3]);
    queue.finish(2, failed(ErrorCode::StorageFull));
    assert_eq!(started(&mut queue), [4]);
}

#[test]
fn a_late_word_changes_nothing() {
    let mut queue = queue(1);
    queue.progress(1, 50, 100);
    assert_eq!(queue.of(1).map(|transfer| transfer.done), Some(0));
    queue.start();
    queue.progress(1, 150, 100);
    assert_eq!(queue.of(1).map(|transfer| transfer.done), Some(100));
    queue.finish(1, Ok(()));
    queue.progress(1, 1, 100);
    queue.wait(1);
    queue.finish(1, failed(ErrorCode::Network));
    assert_eq!(state(&queue, 1), State::Done);
    queue.progress(9, 1, 1);
}

#[test]
fn waiting_goes_on_with_the_next_progress() {
    let mut queue = queue(1);
    queue.start();
    queue.wait(1);
    assert_eq!(state(&queue, 1), State::Waiting);
    queue.progress(1, 10, 100);
    assert_eq!(state(&queue, 1), State::Running);
}

#[test]
fn without_a_network_it_stalls_and_goes_on_where_it_was() {
    let mut queue = queue(3);
    queue.start();
    queue.progress(1, 60, 100);
    queue.finish(1, failed(ErrorCode::Network));
    assert_eq!(state(&queue, 1), State::Stalled);
    assert!(queue.is_busy() && queue.is_going());
    assert_eq!(started(&mut queue), [3], "it holds no place");
    queue.retry_all(|state| *state == State::Stalled);
    assert_eq!(queue.of(1).map(|transfer| (transfer.state.clone(), transfer.done)), Some((State::Queued, 60)));
}

#[test]
fn cancelling_asks_the_worker_only_for_what_has_begun() {
    let mut queue = queue(4);
    queue.start();
    assert!(queue.cancel(1));
    assert_eq!(state(&queue, 1), State::Running);
    queue.finish(1, failed(ErrorCode::Cancelled));
    assert_eq!(state(&queue, 1), State::Cancelled);
    assert!(!queue.cancel(3));
    assert_eq!(state(&queue, 3), State::Cancelled);
    assert!(!queue.cancel(1));
    assert!(!queue.cancel(77));

    // What was sent of a paused one lies in the worker's journal.
    queue.finish(2, failed(ErrorCode::Paused));
    assert!(queue.cancel(2));
    assert_eq!(state(&queue, 2), State::Cancelled);
}

#[test]
fn all_are_stopped_at_once() {
    let mut queue = queue(4);
    let batch = queue.begin_batch();
    queue.add(batch, down(), "x".to_owned(), 1);
    queue.start();
    assert_eq!(queue.pause_all(), [1, 2]);
    queue.finish(1, failed(ErrorCode::Paused));
    assert_eq!([state(&queue, 1), state(&queue, 3)], [State::Paused, State::Paused]);
    assert_eq!(state(&queue, 5), State::Queued, "a download has nothing to go on from");
    queue.retry_all(|state| *state == State::Paused);
    assert_eq!([state(&queue, 1), state(&queue, 3)], [State::Queued, State::Queued]);
    assert_eq!(queue.cancel_all(), [1, 2]);
    queue.finish(2, failed(ErrorCode::Cancelled));
    assert!(!queue.is_busy());
}

#[test]
fn a_pause_keeps_how_far_it_was_and_a_failure_does_not() {
    let mut queue = queue(2);
    queue.start();
    queue.progress(1, 60, 100);
    assert!(queue.pause(1));
    queue.finish(1, failed(ErrorCode::Paused));
    assert!(!queue.is_going() || state(&queue, 1) == State::Paused);
    queue.retry(1);
    assert_eq!(queue.of(1).map(|transfer| (transfer.state.clone(), transfer.done)), Some((State::Queued, 60)));
    queue.progress(2, 60, 100);
    queue.finish(2, failed(ErrorCode::StorageFull));
    queue.retry(2);
    assert_eq!(queue.of(2).map(|transfer| (transfer.state.clone(), transfer.done)), Some((State::Queued, 0)));
}

#[test]
fn only_what_did_not_succeed_is_tried_again() {
    let mut queue = queue(1);
    queue.start();
    queue.finish(1, Ok(()));
    queue.retry(1);
    assert_eq!(state(&queue, 1), State::Done);
}

#[test]
fn a_taken_name_asks_and_the_others_go_on() {
    let mut queue = queue(3);
    queue.start();
    queue.finish(1, failed(ErrorCode::NameTaken));
    assert_eq!(state(&queue, 1), State::Asking);
    assert_eq!(queue.asking().map(|(transfer, more)| (transfer.number, more)), Some((1, 2)));
    assert_eq!(started(&mut queue), [3]);
    queue.decide(1, Decision::Replace, false);
    assert_eq!(
        queue.of(1).map(|transfer| (transfer.state.clone(), transfer.taken)),
        Some((State::Queued, OnTaken::Replace))
    );
    queue.finish(2, failed(ErrorCode::NameTaken));
    assert_eq!(state(&queue, 2), State::Asking, "it was said of one");
    queue.decide(2, Decision::Skip, false);
    assert_eq!(state(&queue, 2), State::Skipped);
    // A folder of that name cannot be replaced: asked and answered, it fails.
    queue.start();
    queue.finish(1, failed(ErrorCode::NameTaken));
    assert!(matches!(state(&queue, 1), State::Failed(_)));
}

#[test]
fn what_is_said_for_the_rest_counts_for_what_came_with_it() {
    let mut queue = queue(3);
    let another = queue.begin_batch();
    queue.add(another, up(), "x".to_owned(), 1);
    queue.start();
    queue.finish(1, failed(ErrorCode::NameTaken));
    queue.finish(2, failed(ErrorCode::NameTaken));
    queue.decide(1, Decision::KeepBoth, true);
    assert_eq!(
        queue.of(2).map(|transfer| (transfer.state.clone(), transfer.taken)),
        Some((State::Queued, OnTaken::KeepBoth))
    );
    assert_eq!(started(&mut queue), [1, 2]);
    queue.finish(1, Ok(()));
    queue.finish(2, Ok(()));
    assert_eq!(started(&mut queue), [3, 4]);
    queue.finish(3, failed(ErrorCode::NameTaken));
    assert_eq!(state(&queue, 3), State::Queued, "nothing more is asked");
    queue.finish(4, failed(ErrorCode::NameTaken));
    assert_eq!(state(&queue, 4), State::Asking, "another choice of files is asked of again");
}

#[test]
fn clearing_keeps_what_is_not_over() {
    let mut queue = queue(5);
    queue.start();
    queue.finish(1, Ok(()));
    queue.finish(2, failed(ErrorCode::StorageFull));
    queue.cancel(5);
    let over: Vec<_> = queue.clear().iter().map(|transfer| (transfer.number, transfer.leaves_something())).collect();
    assert_eq!(over, [(1, false), (2, true), (5, false)]);
    assert_eq!(queue.all().iter().map(|transfer| transfer.number).collect::<Vec<_>>(), [3, 4]);
    assert_eq!(queue.of(4).map(|transfer| transfer.number), Some(4));
    assert!(queue.is_busy());
}

#[test]
fn what_was_abandoned_cannot_touch_what_comes_later() {
    let mut queue = queue(1);
    queue.start();
    queue.abandon();
    let batch = queue.begin_batch();
    assert_eq!(queue.add(batch, down(), "x".to_owned(), 1), 2);
    queue.start();
    queue.finish(1, Ok(()));
    assert_eq!(state(&queue, 2), State::Running);
}

#[test]
fn the_window_shows_what_moves() {
    let mut queue = queue(10);
    assert_eq!(queue.window(10), [10, 9, 8, 7, 6, 5, 4, 3, 2, 1]);
    queue.start();
    queue.finish(1, Ok(()));
    queue.finish(2, failed(ErrorCode::StorageFull));
    queue.start();
    assert_eq!(queue.window(10), [2, 10, 9, 8, 7, 6, 5, 4, 3, 1], "what failed is not to be looked for");
    assert_eq!(queue.window(6), [4, 3, 2, 5, 6, 7]);
}

#[test]
fn the_summary_says_what_matters() {
    let mut queue = queue(3);
    assert_eq!(queue.summary(), "0 of 3 done");
    queue.start();
    queue.finish(1, Ok(()));
    queue.finish(2, failed(ErrorCode::StorageFull));
    assert_eq!(queue.summary(), "1 of 3 done, 1 failed");
    assert_eq!(queue.bytes(), (100, 200));
    queue.pause(3);
    assert_eq!(queue.summary(), "1 of 3 done, 1 failed, 1 paused");
    queue.retry(3);
    queue.start();
    queue.finish(3, Ok(()));
    assert_eq!(queue.summary(), "2 files done, 1 failed");
    assert!(!queue.is_busy());
    queue.clear();
    let batch = queue.begin_batch();
    queue.add(batch, down(), "x".to_owned(), 1);
    queue.cancel(4);
    assert_eq!(queue.summary(), "Stopped");
}

fn interrupted(name: &str) -> Interrupted {
    let (upload, folder, name) = ("u".to_owned(), "f".to_owned(), name.to_owned());
    Interrupted { upload, folder, name, size: 100, sent: 40, replaces: false }
}

#[test]
fn an_interrupted_upload_waits_for_its_file_and_for_nothing_else() {
    let mut queue = Queue::default();
    let number = queue.add_interrupted(&interrupted("film.mp4"));
    assert_eq!(started(&mut queue), [0; 0]);
    // The page may be left without a question, and no bar counts on it.
    assert!(!queue.is_busy() && !queue.is_going());
    assert_eq!((queue.bytes(), queue.summary().as_str()), ((0, 0), "1 interrupted"));
    queue.retry(number);
    assert!(state(&queue, number).is_interrupted());
    queue.found(number);
    assert_eq!(state(&queue, number), State::Interrupted { found: true });
    queue.lost(number);
    assert_eq!(state(&queue, number), State::Interrupted { found: false });
    queue.take_up(number);
    assert_eq!((started(&mut queue), queue.bytes()), (vec![number], (40, 100)));
    // It is over for that only once.
    queue.found(number);
    assert_eq!(state(&queue, number), State::Running);
}

#[test]
fn an_interrupted_upload_that_is_stopped_is_told_to_the_worker() {
    let mut queue = Queue::default();
    let number = queue.add_interrupted(&Interrupted { replaces: true, ..interrupted("film.mp4") });
    assert_eq!(queue.of(number).expect("there").taken, OnTaken::Replace);
    assert!(queue.cancel(number));
    assert_eq!(state(&queue, number), State::Cancelled);
    assert!(!queue.cancel(number));
}

#[test]
fn a_file_may_have_been_stored_under_its_name_with_a_number() {
    for (stored, name) in [
        ("a.jpg", "a.jpg"),
        ("a (2).jpg", "a.jpg"),
        ("a (13)", "a"),
        (".profile (2)", ".profile"),
        ("a.b (2).c", "a.b.c"),
    ] {
        assert!(Queue::is_called(stored, name), "{stored} {name}");
    }
    for (stored, name) in [
        ("a.jpg", "b.jpg"),
        ("a ().jpg", "a.jpg"),
        ("a (x).jpg", "a.jpg"),
        ("a (2).jpg", "a (2) .jpg"),
        ("a(2).jpg", "a.jpg"),
        ("ab.jpg", "a.jpg"),
    ] {
        assert!(!Queue::is_called(stored, name), "{stored} {name}");
    }
}

#[test]
fn a_number_that_was_drawn_is_no_transfers() {
    let mut queue = queue(1);
    let drawn = queue.draw_number();
    assert!(queue.of(drawn).is_none());
    assert_eq!(queue.add(1, up(), "next".to_owned(), 1), drawn + 1);
    queue.progress(drawn, 1, 2);
    assert_eq!(queue.all().len(), 2);
}
