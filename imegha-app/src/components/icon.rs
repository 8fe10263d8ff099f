//! Icons, drawn here: nothing is loaded from elsewhere.

use leptos::prelude::*;

/// What an icon shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    Activity,
    Album,
    AlbumPlus,
    Archive,
    Audio,
    Broken,
    Check,
    ChevronRight,
    Close,
    Cloud,
    Copy,
    Cover,
    Document,
    Download,
    Earlier,
    File,
    First,
    Folder,
    FolderPlus,
    FolderUp,
    Image,
    Keys,
    Info,
    Last,
    Later,
    Lock,
    Moon,
    More,
    Move,
    Offline,
    Open,
    Order,
    Pause,
    People,
    Play,
    Print,
    Purge,
    Remove,
    Rename,
    Restore,
    Retry,
    Rows,
    Screen,
    Search,
    SelectAll,
    Settings,
    Shield,
    SignOut,
    Storage,
    Sun,
    Table,
    Text,
    Tiles,
    Trash,
    Upload,
    User,
    Versions,
    Video,
    Warning,
}

impl Shape {
    /// The outline, in a square of 24.
    fn path(self) -> &'static str {
        match self {
            Self::Activity => "M4.5 6.5h3M10.5 6.5h9M4.5 12h3M10.5 12h9M4.5 17.5h3M10.5 17.5h9",
            Self::Album => "M7.5 8.5h12.5v11.5H7.5zM4 16V4h12.5M7.5 17l3.5-3.5 3 3 2-2 4 4",
            Self::AlbumPlus => "M7.5 8.5h12.5v11.5H7.5zM4 16V4h12.5M13.75 11.5v5.5M11 14.25h5.5",
            Self::Cover => {
                "M4 5h16v14H4zM12 8.3l1.200 2.5 2.700.4-2 1.900.5 2.700-2.400-1.3-2.400 1.3.5-2.700-2-1.900 2.700-.4Z"
            }
            Self::Earlier => "M19 12H5.5M11 6.5 5.5 12l5.5 5.5",
            Self::Later => "M5 12h13.5M13 6.5l5.5 5.5-5.5 5.5",
            Self::First => "M4.5 5.5v13M20 12H9M14 6.800 8.800 12l5.200 5.200",
            Self::Last => "M19.5 5.5v13M4 12h11M10 6.800l5.200 5.200-5.200 5.200",
            Self::Remove => "M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17ZM8 12h8",
            Self::Archive => "M4 4h16v4H4zM5.5 8v11a1 1 0 0 0 1 1h11a1 1 0 0 0 1-1V8M10 12h4",
            Self::Audio => {
                "M9 18V6l10-2v12M9 18a2.5 2.5 0 1 1-5 0 2.5 2.5 0 0 1 5 0ZM19 16a2.5 2.5 0 1 1-5 0 2.5 2.5 0 0 1 5 0Z"
            }
            Self::Broken => "M14 3H7a1 1 0 0 0-1 1v7l3 2-2 3 3 2-2 3h9a1 1 0 0 0 1-1V7ZM14 3v4h4",
            Self::Check => "m5 12.5 4.5 4.5L19 7.5",
            Self::ChevronRight => "m9.5 6 6 6-6 6",
            Self::Close => "m6 6 12 12M18 6 6 18",
            Self::Cloud => "M7 18.5a4.3 4.3 0 0 1-.7-8.5A6.5 6.5 0 0 1 18.6 11.3a3.6 3.6 0 0 1 0 7.2Z",
            Self::Copy => {
                "M9 9h10a1 1 0 0 1 1 1v10a1 1 0 0 1-1 1H9a1 1 0 0 1-1-1V10a1 1 0 0 1 1-1ZM16 9V4a1 1 0 0 0-1-1H5a1 1 0 0 0-1 1v10a1 1 0 0 0 1 1h3"
            }
            Self::Document => "M14 3H7a1 1 0 0 0-1 1v16a1 1 0 0 0 1 1h10a1 1 0 0 0 1-1V7ZM14 3v4h4M9 12h6M9 16h4",
            Self::Download => "M12 4v11M7.5 11l4.5 4.5 4.5-4.5M4.5 20h15",
            Self::File => "M14 3H7a1 1 0 0 0-1 1v16a1 1 0 0 0 1 1h10a1 1 0 0 0 1-1V7ZM14 3v4h4",
            Self::Folder => {
                "M3 6.5a1.5 1.5 0 0 1 1.5-1.5h4.3l2.2 2.5h8.5A1.5 1.5 0 0 1 21 9v8.5a1.5 1.5 0 0 1-1.5 1.5h-15A1.5 1.5 0 0 1 3 17.5Z"
            }
            Self::FolderPlus => {
                "M3 6.5a1.5 1.5 0 0 1 1.5-1.5h4.3l2.2 2.5h8.5A1.5 1.5 0 0 1 21 9v8.5a1.5 1.5 0 0 1-1.5 1.5h-15A1.5 1.5 0 0 1 3 17.5ZM12 10.5v5M9.5 13h5"
            }
            Self::FolderUp => {
                "M3 6.5a1.5 1.5 0 0 1 1.5-1.5h4.3l2.2 2.5h8.5A1.5 1.5 0 0 1 21 9v8.5a1.5 1.5 0 0 1-1.5 1.5h-15A1.5 1.5 0 0 1 3 17.5ZM12 16v-5M9.6 13l2.4-2.4 2.4 2.4"
            }
            Self::Keys => {
                "M4 6h16a1 1 0 0 1 1 1v10a1 1 0 0 1-1 1H4a1 1 0 0 1-1-1V7a1 1 0 0 1 1-1ZM6.5 10v.1M10 10v.1M13.5 10v.1M17.5 10v.1M7 14.5h10"
            }
            Self::More => {
                "M12 4.8a.7.7 0 1 0 0 1.4.7.7 0 0 0 0-1.4ZM12 11.3a.7.7 0 1 0 0 1.4.7.7 0 0 0 0-1.4ZM12 17.8a.7.7 0 1 0 0 1.4.7.7 0 0 0 0-1.4Z"
            }
            Self::Move => {
                "M3 6.5a1.5 1.5 0 0 1 1.5-1.5h4.3l2.2 2.5h8.5A1.5 1.5 0 0 1 21 9v8.5a1.5 1.5 0 0 1-1.5 1.5h-15A1.5 1.5 0 0 1 3 17.5ZM8.5 13.2h6.5M12.6 10.6l2.6 2.6-2.6 2.6"
            }
            Self::Open => "M13 4.5h6.5V11M19 5l-8 8M18 14v4.5a1 1 0 0 1-1 1H5.5a1 1 0 0 1-1-1V7a1 1 0 0 1 1-1H10",
            Self::Order => "M7.5 5v14M4 8.5 7.5 5 11 8.5M16.5 19V5M13 15.5l3.5 3.5 3.5-3.5",
            Self::Purge => {
                "M4.5 7h15M9.5 7V4.5h5V7M6.5 7l.8 12a1 1 0 0 0 1 1h7.4a1 1 0 0 0 1-1l.8-12M10 11l4 5M14 11l-4 5"
            }
            Self::Rename => "M4.5 19.5l.9-4L16.2 4.7a1.5 1.5 0 0 1 2.1 0l1 1a1.5 1.5 0 0 1 0 2.1L8.5 18.6Z",
            Self::Restore => "M4.5 12a7.5 7.5 0 1 0 2.4-5.5L4.5 8.7M4.5 4.5v4.2h4.2M12 8v4.300l2.8 1.7",
            Self::Rows => "M8.5 6.5h11M8.5 12h11M8.5 17.5h11M4.5 6.5v.1M4.5 12v.1M4.5 17.5v.1",
            Self::Search => "M11 4.5a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13ZM15.8 15.8l4.2 4.2",
            Self::SelectAll => "M8 4.5h11.5V16M4.5 8H16v11.5H4.5ZM7.5 13.8l2.2 2.2 3.6-4.4",
            Self::Settings => {
                "M12 9.2a2.8 2.8 0 1 0 0 5.6 2.8 2.8 0 0 0 0-5.6ZM12 3.5v2.6M12 17.9v2.6M20.5 12h-2.6M6.1 12H3.5M18 6l-1.8 1.8M7.8 16.2 6 18M18 18l-1.8-1.8M7.8 7.8 6 6"
            }
            Self::Shield => "M12 3.5 5 6v5.5c0 4.3 2.9 7.4 7 9 4.1-1.6 7-4.7 7-9V6ZM9 11.8l2.2 2.2 4-4.4",
            Self::Storage => {
                "M4.5 7c0-1.7 3.4-3 7.5-3s7.5 1.3 7.5 3-3.4 3-7.5 3-7.5-1.3-7.5-3ZM4.5 7v10c0 1.7 3.4 3 7.5 3s7.5-1.3 7.5-3V7M4.5 12c0 1.7 3.4 3 7.5 3s7.5-1.3 7.5-3"
            }
            Self::User => "M12 4a4 4 0 1 0 0 8 4 4 0 0 0 0-8ZM4.5 20.5c.6-3.8 3.6-5.5 7.5-5.5s6.9 1.7 7.5 5.5",
            Self::Versions => "M8 8.5h11.5V20H8ZM4.5 15.5V4.5H16",
            Self::SignOut => "M13.5 4.5H6a1 1 0 0 0-1 1v13a1 1 0 0 0 1 1h7.5M10 12h10M16.5 8.5 20 12l-3.5 3.5",
            Self::Tiles => "M4.5 4.5h6v6h-6ZM13.5 4.5h6v6h-6ZM4.5 13.5h6v6h-6ZM13.5 13.5h6v6h-6Z",
            Self::Trash => {
                "M4.5 7h15M9.5 7V4.5h5V7M6.5 7l.8 12a1 1 0 0 0 1 1h7.4a1 1 0 0 0 1-1l.8-12M10.300 11v5M13.7 11v5"
            }
            Self::Screen => {
                "M4.5 4.5h15a1 1 0 0 1 1 1V15a1 1 0 0 1-1 1h-15a1 1 0 0 1-1-1V5.5a1 1 0 0 1 1-1ZM9 20h6M12 16v4"
            }
            Self::Image => "M4 5h16v14H4zM4 16l4.5-4.5 4 4L15 13l5 5M9 9.2a.9.9 0 1 1-1.8 0 .9.9 0 0 1 1.8 0Z",
            Self::Info => "M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17ZM12 11v5M12 7.8v.2",
            Self::Lock => {
                "M6 11h12a1 1 0 0 1 1 1v7a1 1 0 0 1-1 1H6a1 1 0 0 1-1-1v-7a1 1 0 0 1 1-1ZM8 11V8a4 4 0 0 1 8 0v3"
            }
            Self::Moon => "M19.5 14.5A8 8 0 0 1 9.5 4.5a8 8 0 1 0 10 10Z",
            Self::Offline => "M4 4l16 16M8 7.3A6.5 6.5 0 0 1 18.4 11 4 4 0 0 1 20 17.7M16.5 18H7a4.5 4.5 0 0 1-1.5-8.7",
            Self::Pause => "M8.5 5.5v13M15.5 5.5v13",
            Self::People => {
                "M9 5a3.5 3.5 0 1 0 0 7 3.5 3.5 0 0 0 0-7ZM2.8 19.5c.5-3.2 3-4.7 6.2-4.7s5.7 1.5 6.2 4.7M15.5 5.3a3.5 3.5 0 0 1 0 6.4M17.5 15.2c2 .6 3.3 2 3.7 4.3"
            }
            Self::Play => "M8 5l11 7-11 7Z",
            Self::Print => {
                "M7 9V4h10v5M7 17H5a1 1 0 0 1-1-1v-6a1 1 0 0 1 1-1h14a1 1 0 0 1 1 1v6a1 1 0 0 1-1 1h-2M7 14h10v6H7Z"
            }
            Self::Retry => "M19 12a7 7 0 1 1-2.2-5.1M19.5 4v4h-4",
            Self::Sun => {
                "M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8ZM12 2.5v2M12 19.5v2M2.5 12h2M19.5 12h2M5.3 5.3l1.4 1.4M17.3 17.3l1.4 1.4M18.7 5.3l-1.4 1.4M6.7 17.3l-1.4 1.4"
            }
            Self::Table => "M4 5h16v14H4zM4 10h16M4 14.5h16M10 5v14",
            Self::Text => "M5 6h14M5 10h14M5 14h14M5 18h8",
            Self::Upload => "M12 15.5v-11M7.5 9 12 4.5 16.5 9M4.5 20h15",
            Self::Video => "M4 6h11a1 1 0 0 1 1 1v10a1 1 0 0 1-1 1H4a1 1 0 0 1-1-1V7a1 1 0 0 1 1-1ZM16 10.5l5-3v9l-5-3",
            Self::Warning => "M12 4 2.8 19.5h18.4ZM12 10v4.5M12 17v.2",
        }
    }
}

/// An icon. It is decoration: what it means stands beside it, or in the label of its button.
#[component]
pub(crate) fn Icon(shape: Shape) -> impl IntoView {
    view! {
        <svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
            <path d=shape.path()/>
        </svg>
    }
}
