//! The small pictures of files: fetched when they come near the screen, a few at a time, and kept in this page's memory for a while.

use std::cell::RefCell;
use std::collections::{BTreeMap, VecDeque};

use imegha_worker::protocol::{Reply, Request};
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::client::Client;
use super::page;

/// Which picture: the file's id in hex, and the number of the revision that it is of.
pub(crate) type Thumbnail = (String, u64);

impl Client {
    /// Asks for a picture as long as something shows it. [`Client::pictured`] grows when one is there.
    pub(crate) fn want_thumbnail(self, key: &Thumbnail) {
        SHELF.with_borrow_mut(|shelf| shelf.want(key));
        self.fetch_thumbnails();
    }

    /// Nothing shows it any more.
    pub(crate) fn leave_thumbnail(self, key: &Thumbnail) {
        let gone = SHELF.with_borrow_mut(|shelf| shelf.leave(key));
        gone.iter().for_each(|address| page::revoke(address));
    }

    /// The address of a picture, once it is there.
    pub(crate) fn thumbnail(self, key: &Thumbnail) -> Option<String> {
        self.pictured.track();
        SHELF.with_borrow(|shelf| shelf.address(key))
    }

    fn fetch_thumbnails(self) {
        let turn = SHELF.with_borrow(|shelf| shelf.turn);
        for key in SHELF.with_borrow_mut(Shelf::start) {
            spawn_local(async move {
                let answer = self.ask_for_blob(Request::Thumbnail { node: key.0.clone() }).await;
                let address = match answer {
                    Ok((Reply::Picture, Some(blob))) => page::address(&blob),
                    // Without its picture a file is shown by its icon, and asked for again when it comes near again.
                    _ => None,
                };
                let left = SHELF.with_borrow_mut(|shelf| {
                    if shelf.turn == turn { shelf.finish(&key, address) } else { address.into_iter().collect() }
                });
                left.iter().for_each(|address| page::revoke(address));
                _ = self.pictured.try_update(|pictured| *pictured = pictured.wrapping_add(1));
                self.fetch_thumbnails();
            });
        }
    }
}

/// Takes all of them back: somebody locked, or left.
pub(super) fn forget_all() {
    let kept = SHELF.with_borrow_mut(Shelf::clear);
    kept.iter().for_each(|address| page::revoke(address));
}

thread_local! {
    static SHELF: RefCell<Shelf> = RefCell::default();
}

/// What is wanted, what is on its way, and what is kept.
#[derive(Debug, Default)]
struct Shelf {
    pictures: BTreeMap<Thumbnail, Picture>,
    /// What is to be fetched; the last that was wanted comes first, since it is what the person looks at.
    waiting: VecDeque<Thumbnail>,
    running: usize,
    /// What nothing shows, the longest unseen first.
    unseen: VecDeque<Thumbnail>,
    /// Grows when all is taken back: what was under way then comes too late.
    turn: u32,
}

#[derive(Debug, Default)]
struct Picture {
    /// How many things show it.
    shown: u32,
    running: bool,
    address: Option<String>,
}

impl Shelf {
    fn want(&mut self, key: &Thumbnail) {
        let picture = self.pictures.entry(key.clone()).or_default();
        picture.shown += 1;
        if picture.shown > 1 {
            return;
        }
        self.unseen.retain(|unseen| unseen != key);
        if picture.address.is_none() && !picture.running {
            self.waiting.push_back(key.clone());
        }
    }

    /// Answers the addresses that are not kept any more.
    fn leave(&mut self, key: &Thumbnail) -> Vec<String> {
        let Some(picture) = self.pictures.get_mut(key) else { return Vec::new() };
        picture.shown = picture.shown.saturating_sub(1);
        if picture.shown > 0 {
            return Vec::new();
        }
        self.waiting.retain(|waiting| waiting != key);
        match (&picture.address, picture.running) {
            (Some(_), _) => self.unseen.push_back(key.clone()),
            (None, true) => {}
            (None, false) => _ = self.pictures.remove(key),
        }
        self.trim()
    }

    fn address(&self, key: &Thumbnail) -> Option<String> {
        self.pictures.get(key)?.address.clone()
    }

    /// What may be fetched now.
    fn start(&mut self) -> Vec<Thumbnail> {
        let mut started = Vec::new();
        while self.running < AT_ONCE
            && let Some(key) = self.waiting.pop_back()
        {
            if let Some(picture) = self.pictures.get_mut(&key) {
                picture.running = true;
                self.running += 1;
                started.push(key);
            }
        }
        started
    }

    /// Takes what was fetched, and answers the addresses that are not kept.
    fn finish(&mut self, key: &Thumbnail, address: Option<String>) -> Vec<String> {
        self.running = self.running.saturating_sub(1);
        let Some(picture) = self.pictures.get_mut(key) else { return address.into_iter().collect() };
        picture.running = false;
        picture.address = address;
        match (&picture.address, picture.shown) {
            (None, 0) => _ = self.pictures.remove(key),
            (Some(_), 0) => self.unseen.push_back(key.clone()),
            _ => {}
        }
        self.trim()
    }

    fn trim(&mut self) -> Vec<String> {
        let mut gone = Vec::new();
        while self.unseen.len() > MOST_UNSEEN
            && let Some(key) = self.unseen.pop_front()
        {
            gone.extend(self.pictures.remove(&key).and_then(|picture| picture.address));
        }
        gone
    }

    fn clear(&mut self) -> Vec<String> {
        let turn = self.turn.wrapping_add(1);
        let pictures = std::mem::replace(self, Self { turn, ..Self::default() }).pictures;
        pictures.into_values().filter_map(|picture| picture.address).collect()
    }
}

/// How many are fetched at once.
const AT_ONCE: usize = 6;

/// How many stay that nothing shows: 20 MB of them.
const MOST_UNSEEN: usize = 300;

#[cfg(test)]
mod tests {
    use super::*;

    fn key(number: usize) -> Thumbnail {
        (format!("{number:04}"), 1)
    }

    fn address(number: usize) -> Option<String> {
        Some(format!("blob:{number}"))
    }

    #[test]
    fn a_few_are_fetched_at_once_and_the_last_that_was_wanted_first() {
        let mut shelf = Shelf::default();
        (0..20).for_each(|number| shelf.want(&key(number)));
        let started = shelf.start();
        assert_eq!(started, (14..20).rev().map(key).collect::<Vec<_>>());
        assert!(shelf.start().is_empty());
        assert!(shelf.finish(&key(19), address(19)).is_empty());
        assert_eq!(shelf.start(), [key(13)]);
        assert_eq!(shelf.address(&key(19)), address(19));
    }

    #[test]
    fn what_has_left_the_screen_is_not_fetched() {
        let mut shelf = Shelf::default();
        (0..3).for_each(|number| shelf.want(&key(number)));
        assert!(shelf.leave(&key(1)).is_empty());
        assert_eq!(shelf.start(), [key(2), key(0)]);
        // What is under way arrives all the same, and is kept for when one scrolls back.
        assert!(shelf.leave(&key(0)).is_empty());
        assert!(shelf.finish(&key(0), address(0)).is_empty());
        shelf.want(&key(0));
        assert!(shelf.start().is_empty());
        assert_eq!(shelf.address(&key(0)), address(0));
    }

    #[test]
    fn the_longest_unseen_are_taken_back() {
        let mut shelf = Shelf::default();
        let mut gone = Vec::new();
        for number in 0..MOST_UNSEEN + 10 {
            shelf.want(&key(number));
            assert_eq!(shelf.start(), [key(number)]);
            gone.extend(shelf.finish(&key(number), address(number)));
            if number != 3 {
                gone.extend(shelf.leave(&key(number)));
            }
        }
        // What is on the screen stays however long it has been there.
        assert_eq!(gone, [0, 1, 2, 4, 5, 6, 7, 8, 9].map(|number| format!("blob:{number}")));
        assert!(shelf.address(&key(3)).is_some());
        assert_eq!(shelf.clear().len(), MOST_UNSEEN + 1);
        assert!(shelf.address(&key(3)).is_none());
    }

    #[test]
    fn one_picture_shown_twice_is_fetched_once_and_one_that_failed_again() {
        let mut shelf = Shelf::default();
        shelf.want(&key(1));
        shelf.want(&key(1));
        assert_eq!(shelf.start(), [key(1)]);
        assert!(shelf.leave(&key(1)).is_empty());
        assert!(shelf.finish(&key(1), None).is_empty());
        assert!(shelf.leave(&key(1)).is_empty());
        shelf.want(&key(1));
        assert_eq!(shelf.start(), [key(1)]);
        // A new revision has another picture.
        shelf.want(&(key(1).0, 2));
        assert_eq!(shelf.start(), [(key(1).0, 2)]);
    }
}
