//! The errors of uploads.

use std::fmt;
use std::io;

use connect::Error;
use http::StatusCode;

/// Why a form with files was refused: the cause of an [`Error`](connect::Error), for error handlers and logs.
///
/// ```
/// use connect::{Next, Request, Response, Result, error_handler};
/// use connect_middleware::uploads::UploadError;
///
/// #[error_handler]
/// fn on_upload(err: UploadError, _req: &mut Request, res: &mut Response, _next: Next) -> Result {
///     res.status(err.kind().status()).json([err.kind().as_str()])
/// }
/// ```
#[derive(Debug)]
pub struct UploadError {
    kind: UploadErrorKind,
    limit: Option<u64>,
    field: Box<str>,
}

/// The kinds of an [`UploadError`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum UploadErrorKind {
    /// A file is too large: 413.
    FileSize,
    /// There are too many files: 413.
    FileCount,
    /// A field has too many files: 413.
    FieldFiles,
    /// A text field is too large: 413.
    FieldSize,
    /// There are too many text fields: 413.
    FieldCount,
    /// The name of a field is too large: 413.
    NameSize,
    /// A field has a file and may have none: 400.
    UnexpectedFile,
    /// A field has no file and has to have one: 400.
    MissingFile,
    /// The content of a file has a type that is not allowed, or was refused: 415.
    ContentType,
    /// A part has no name, or text is not UTF-8: 400.
    Malformed,
}

impl UploadErrorKind {
    /// A stable name: multer's `code`, if multer has one.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::FileSize => "LIMIT_FILE_SIZE",
            Self::FileCount => "LIMIT_FILE_COUNT",
            Self::FieldFiles => "LIMIT_FIELD_FILES",
            Self::FieldSize => "LIMIT_FIELD_VALUE",
            Self::FieldCount => "LIMIT_FIELD_COUNT",
            Self::NameSize => "LIMIT_FIELD_KEY",
            Self::UnexpectedFile => "LIMIT_UNEXPECTED_FILE",
            Self::MissingFile => "MISSING_FILE",
            Self::ContentType => "CONTENT_TYPE",
            Self::Malformed => "MALFORMED",
        }
    }

    /// The status of errors of this kind.
    #[must_use]
    pub const fn status(self) -> StatusCode {
        match self {
            Self::FileSize
            | Self::FileCount
            | Self::FieldFiles
            | Self::FieldSize
            | Self::FieldCount
            | Self::NameSize => StatusCode::PAYLOAD_TOO_LARGE,
            Self::UnexpectedFile | Self::MissingFile | Self::Malformed => StatusCode::BAD_REQUEST,
            Self::ContentType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
        }
    }
}

impl UploadError {
    /// The kind of the error.
    #[must_use]
    pub fn kind(&self) -> UploadErrorKind {
        self.kind
    }

    /// The limit that was exceeded, in bytes, files or fields.
    #[must_use]
    pub fn limit(&self) -> Option<u64> {
        self.limit
    }

    /// The name of the field, which the client chose unless it was [required](super::Files::require). Empty if it has none.
    #[must_use]
    pub fn field(&self) -> &str {
        &self.field
    }

    /// An error whose message says nothing that the client has sent.
    pub(super) fn error(
        kind: UploadErrorKind,
        field: &str,
        limit: Option<u64>,
        message: impl Into<String>,
    ) -> Error {
        let err = UploadError { kind, limit, field: field.into() };
        Error::new(kind.status(), message.into()).with_source(err)
    }
}

impl fmt::Display for UploadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} in the field {:?}", self.kind.as_str(), self.field)
    }
}

impl std::error::Error for UploadError {}

/// The error of a disk.
pub(super) fn disk_error(err: io::Error) -> Error {
    use io::ErrorKind as Kind;
    let (status, message) = match err.kind() {
        Kind::StorageFull | Kind::QuotaExceeded => {
            (StatusCode::INSUFFICIENT_STORAGE, "there is no space for an uploaded file")
        }
        Kind::AlreadyExists => (StatusCode::CONFLICT, "a file with this name is there already"),
        Kind::CrossesDevices => (
            StatusCode::INTERNAL_SERVER_ERROR,
            "an uploaded file cannot be renamed to another file system: have the folder of uploads on the same one",
        ),
        _ => (StatusCode::INTERNAL_SERVER_ERROR, "an uploaded file could not be written"),
    };
    Error::new(status, message).with_source(err)
}
