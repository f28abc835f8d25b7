//! The files of the page.

/// The document. It holds the token in place of [`TOKEN`].
pub(super) const DOCUMENT: &str = include_str!("page/index.html");
/// Placeholder of the token in the document.
pub(super) const TOKEN: &str = "{{token}}";

const STYLE: &str = "text/css; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";
const IMAGE: &str = "image/svg+xml";

/// The other files: path, media type, content.
pub(super) const FILES: [(&str, &str, &str); 12] = [
    ("/style.css", STYLE, include_str!("page/style.css")),
    ("/icon.svg", IMAGE, include_str!("page/icon.svg")),
    ("/main.js", SCRIPT, include_str!("page/main.js")),
    ("/dom.js", SCRIPT, include_str!("page/dom.js")),
    ("/events.js", SCRIPT, include_str!("page/events.js")),
    ("/queues.js", SCRIPT, include_str!("page/queues.js")),
    ("/functions.js", SCRIPT, include_str!("page/functions.js")),
    ("/letters.js", SCRIPT, include_str!("page/letters.js")),
    ("/campaigns.js", SCRIPT, include_str!("page/campaigns.js")),
    ("/map.js", SCRIPT, include_str!("page/map.js")),
    ("/land.js", SCRIPT, include_str!("../../data/land.js")),
    ("/sandbox.js", SCRIPT, include_str!("page/sandbox.js")),
];
