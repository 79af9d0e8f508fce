//! Reading a form with files.

use std::sync::Arc;

use connect::bytes::Bytes;
use connect::{Error, Part, Request, Result};
use http::header;
use serde::de::DeserializeOwned;

use super::error::{UploadError, UploadErrorKind as Kind, disk_error};
use super::file::{Files, Temporary, UploadedFile};
use super::sink::Sink;
use super::{Options, Uploads};

/// A form that was read: its text fields as a `T`, and its files.
#[derive(Debug)]
#[non_exhaustive]
pub struct Upload<T> {
    /// The text fields.
    pub fields: T,
    /// The files.
    pub files: Files,
}

/// The start of a file, for [`Uploads::filter`].
#[derive(Debug)]
pub struct FileStart<'a> {
    field: &'a str,
    client_name: &'a str,
    bytes: &'a [u8],
    kind: Option<infer::Type>,
}

impl FileStart<'_> {
    /// The name of the field in the form.
    #[must_use]
    pub fn field(&self) -> &str {
        self.field
    }

    /// What the client calls the file.
    #[must_use]
    pub fn client_name(&self) -> &str {
        self.client_name
    }

    /// The type that the first bytes have, if it is known.
    #[must_use]
    pub fn content_type(&self) -> Option<&'static str> {
        self.kind.map(|kind| kind.mime_type())
    }

    /// The first bytes: at least 128 KiB, or the whole file if it is shorter.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        self.bytes
    }

    /// Whether the first bytes are UTF-8, without control characters other than tabs and line ends. A character may be cut off at the end.
    #[must_use]
    pub fn is_text(&self) -> bool {
        let text = match std::str::from_utf8(self.bytes) {
            Ok(text) => text,
            Err(err) if err.error_len().is_none() => {
                std::str::from_utf8(&self.bytes[..err.valid_up_to()]).unwrap_or_default()
            }
            Err(_) => return false,
        };
        !text.chars().any(|c| c.is_control() && !matches!(c, '\t' | '\n' | '\r'))
    }
}

impl Uploads {
    /// Reads a form: its text fields into a `T`, with names in brackets nested as by [`connect::Form`], and its files to the disk.
    ///
    /// # Errors
    /// See [what goes wrong](super#what-goes-wrong). The files that were received by then are removed.
    pub async fn form<T: DeserializeOwned>(&self, req: &mut Request) -> Result<Upload<T>> {
        let (fields, files) = self.read(req).await?;
        // The core's reader of forms, with its nested names and its errors, reads them from the other encoding of a form.
        let fields = http::Request::post("/")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(fields)
            .map_err(|err| Error::msg("the fields of a form cannot be read").with_source(err))?;
        let mut fields = Request::from(fields);
        let fields = fields.set_body_limit(usize::MAX).form().await?;
        Ok(Upload { fields, files })
    }

    /// Reads a form with files. Its text fields are read and dropped.
    ///
    /// # Errors
    /// As for [`form`](Uploads::form).
    pub async fn files(&self, req: &mut Request) -> Result<Files> {
        Ok(self.read(req).await?.1)
    }

    /// The text fields, URL-encoded, and the files.
    async fn read(&self, req: &mut Request) -> Result<(String, Files)> {
        let options = &*self.0;
        req.set_body_limit(options.max_total_size);
        // One more than is allowed, so that the error says of what there are too many.
        let most = options.max_files.saturating_add(options.max_fields).saturating_add(1);
        let mut parts = req.multipart()?.max_parts(most);
        let mut fields = String::new();
        let mut field_count = 0;
        let mut files = Files::default();
        while let Some(mut part) = parts.next().await? {
            let name = options.name_of(&part)?;
            let client_name = part.file_name().map(ToOwned::to_owned);
            let first = if client_name.is_some() { first_bytes(&mut part).await? } else { None };
            match client_name {
                // A file input for which no file was chosen.
                Some(client_name) if client_name.is_empty() && first.is_none() => {
                    options.count_field(&mut field_count, &name)?;
                }
                Some(client_name) => {
                    options.check_place(&files, &name)?;
                    files.0.push(options.receive(part, name, client_name, first).await?);
                }
                None => {
                    options.count_field(&mut field_count, &name)?;
                    let text = options.text(part, &name).await?;
                    append_pair(&mut fields, &name, &text);
                }
            }
        }
        Ok((fields, files))
    }
}

impl Options {
    fn name_of(&self, part: &Part<'_>) -> Result<String> {
        let name = part
            .name()
            .ok_or_else(|| UploadError::error(Kind::Malformed, "", None, "a part of the form has no name"))?;
        if name.len() > self.max_name_size {
            let message = format!("the name of a field is longer than {} bytes", self.max_name_size);
            return Err(UploadError::error(Kind::NameSize, "", limit(self.max_name_size), message));
        }
        Ok(name.to_owned())
    }

    fn count_field(&self, count: &mut usize, name: &str) -> Result<()> {
        *count += 1;
        if *count > self.max_fields {
            let message = format!("the form has more than {} fields", self.max_fields);
            return Err(UploadError::error(Kind::FieldCount, name, limit(self.max_fields), message));
        }
        Ok(())
    }

    /// Whether one more file may be in a field.
    fn check_place(&self, files: &Files, name: &str) -> Result<()> {
        if files.len() >= self.max_files {
            let message = format!("the form has more than {} files", self.max_files);
            return Err(UploadError::error(Kind::FileCount, name, limit(self.max_files), message));
        }
        if self.fields.is_empty() {
            return Ok(());
        }
        let Some((_, most)) = self.fields.iter().find(|(field, _)| field == name) else {
            let message = "the form has a file in a field that may have none";
            return Err(UploadError::error(Kind::UnexpectedFile, name, None, message));
        };
        if files.iter().filter(|file| file.field == name).count() >= *most {
            let message = format!("a field of the form has more than {most} files");
            return Err(UploadError::error(Kind::FieldFiles, name, limit(*most), message));
        }
        Ok(())
    }

    async fn text(&self, mut part: Part<'_>, name: &str) -> Result<String> {
        let mut bytes = Vec::new();
        while let Some(chunk) = part.chunk().await? {
            if bytes.len() + chunk.len() > self.max_field_size {
                let message = format!("a field of the form is longer than {} bytes", self.max_field_size);
                return Err(UploadError::error(Kind::FieldSize, name, limit(self.max_field_size), message));
            }
            bytes.extend_from_slice(&chunk);
        }
        String::from_utf8(bytes).map_err(|_| {
            UploadError::error(Kind::Malformed, name, None, "a field of the form is not text in UTF-8")
        })
    }

    async fn receive(
        &self,
        mut part: Part<'_>,
        field: String,
        client_name: String,
        mut first: Option<Bytes>,
    ) -> Result<UploadedFile> {
        let client_type = part.content_type().map(ToOwned::to_owned);
        let mut sink = Sink::new(Arc::clone(&self.folder));
        // The type, once the start has been checked.
        let mut checked = None;
        let mut size = 0_u64;
        loop {
            let chunk = match first.take() {
                Some(chunk) => chunk,
                None => match part.chunk().await? {
                    Some(chunk) => chunk,
                    None => break,
                },
            };
            size += chunk.len() as u64;
            if size > self.max_file_size {
                let message = format!("a file of the form is longer than {} bytes", self.max_file_size);
                return Err(UploadError::error(Kind::FileSize, &field, Some(self.max_file_size), message));
            }
            sink.push(&chunk);
            if sink.is_full() {
                if checked.is_none() {
                    checked = Some(self.check(&field, &client_name, sink.buffered())?);
                }
                sink.write().await.map_err(disk_error)?;
            }
        }
        let kind = match checked {
            Some(kind) => kind,
            None => self.check(&field, &client_name, sink.buffered())?,
        };
        let file = sink.finish().await.map_err(disk_error)?;
        let (folder, temporary) = (Arc::clone(&self.folder), Temporary(Some(file)));
        Ok(UploadedFile { field, client_name, client_type, kind, size, folder, temporary })
    }

    /// Checks the start of a file, and returns its type.
    fn check(&self, field: &str, client_name: &str, bytes: &[u8]) -> Result<Option<infer::Type>> {
        let kind = infer::get(bytes);
        let is_allowed = self.allowed.as_ref().is_none_or(|allowed| {
            kind.is_some_and(|kind| allowed.iter().any(|allowed| is_of(kind.mime_type(), allowed)))
        });
        let start = FileStart { field, client_name, bytes, kind };
        if is_allowed && self.filter.as_ref().is_none_or(|is_taken| is_taken(&start)) {
            return Ok(kind);
        }
        let message = match &self.allowed {
            Some(allowed) if !is_allowed => {
                format!("the content of a file of the form is none of {}", allowed.join(", "))
            }
            _ => "a file of the form has content that is not taken here".to_owned(),
        };
        Err(UploadError::error(Kind::ContentType, field, None, message))
    }
}

/// The first chunk that is not empty.
async fn first_bytes(part: &mut Part<'_>) -> Result<Option<Bytes>> {
    while let Some(chunk) = part.chunk().await? {
        if !chunk.is_empty() {
            return Ok(Some(chunk));
        }
    }
    Ok(None)
}

fn append_pair(fields: &mut String, name: &str, text: &str) {
    if !fields.is_empty() {
        fields.push('&');
    }
    fields.extend(form_urlencoded::byte_serialize(name.as_bytes()));
    fields.push('=');
    fields.extend(form_urlencoded::byte_serialize(text.as_bytes()));
}

/// Whether a type is the one that is allowed, or one of the allowed group.
fn is_of(kind: &str, allowed: &str) -> bool {
    match allowed.strip_suffix("/*") {
        Some(group) => kind.split('/').next().is_some_and(|own| own.eq_ignore_ascii_case(group)),
        None => kind.eq_ignore_ascii_case(allowed),
    }
}

fn limit(limit: usize) -> Option<u64> {
    u64::try_from(limit).ok()
}
