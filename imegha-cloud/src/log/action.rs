//! What the owner does to a cloud, by the names that the log has for it.

crate::names! {
    /// What the owner did: one change of the cloud, which is one entry of its log.
    #[non_exhaustive]
    pub enum Action {
        /// Created the cloud.
        CreateCloud = "create-cloud",
        /// Made a folder.
        CreateFolder = "create-folder",
        /// Uploaded a new file.
        Upload = "upload",
        /// Saved a new revision of a file.
        Replace = "replace",
        /// Made the trash, which happens once.
        CreateTrash = "create-trash",
        /// Gave a file or folder another name.
        Rename = "rename",
        /// Moved files or folders to another folder.
        Move = "move",
        /// Moved files or folders to the trash.
        Trash = "trash",
        /// Put files or folders back from the trash.
        Restore = "restore",
        /// Removed files or folders in the trash for good.
        Purge = "purge",
        /// Removed older revisions of a file for good.
        Prune = "prune",
        /// Made an album.
        CreateAlbum = "create-album",
        /// Gave an album another title or cover.
        EditAlbum = "edit-album",
        /// Added files to an album.
        AddToAlbum = "add-to-album",
        /// Took files out of an album.
        RemoveFromAlbum = "remove-from-album",
        /// Moved files within an album.
        MoveInAlbum = "move-in-album",
        /// Deleted an album; its files stay.
        DeleteAlbum = "delete-album",
        /// Kept what a recovery phrase opens the cloud by.
        KeepRecovery = "keep-recovery",
        /// Dropped what other recovery phrases opened the cloud by.
        DropRecovery = "drop-recovery",
        /// Went on under renewed keys: a new epoch of the DEK, and a new identity.
        RenewKeys = "renew-keys",
        /// Changed the profile.
        EditProfile = "edit-profile",
        /// Gave a node a new key, because somebody may know the old one who should not.
        Rekey = "rekey",
        /// Marked a node's key as one that is to be replaced.
        MarkStale = "mark-stale",
        /// Wrote a checkpoint of the log. Nothing of the cloud is changed by it.
        Checkpoint = "checkpoint",
        /// Left for other storage: behind this nothing is written here but that it came back.
        Leave = "leave",
        /// Came to this storage.
        Arrive = "arrive",
    }
}
