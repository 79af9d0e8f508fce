//! Reads responses, and checks each.

/// The response that a request has to get.
#[derive(Clone)]
pub(crate) enum Expected {
    /// These bytes, with a `content-length`.
    Body(Vec<u8>),
    /// This many bytes in chunks.
    Chunks(usize),
}

/// Parses the responses of one connection, as their bytes come.
pub(crate) struct Answers<'e> {
    expected: &'e Expected,
    /// The lengths of the last head and of its whole response. The heads of one server mostly have one length.
    last: Option<[usize; 2]>,
    place: Place,
}

enum Place {
    Head,
    /// Before the line with the length of a chunk; the number of bytes in the chunks before it.
    Chunk(usize),
    /// Inside a chunk: the bytes that are left of it and its line end, and those of this and the chunks before it.
    Data(usize, usize),
}

const BLANK_LINE: &[u8] = b"\r\n\r\n";

impl<'e> Answers<'e> {
    pub(crate) fn new(expected: &'e Expected) -> Self {
        Answers { expected, last: None, place: Place::Head }
    }

    /// Parses the complete parts. Returns how many bytes they have, and how many responses ended in them.
    pub(crate) fn take(&mut self, bytes: &[u8]) -> Result<(usize, usize), String> {
        let (mut at, mut answers) = (0, 0);
        while at < bytes.len() {
            let rest = &bytes[at..];
            let (taken, ended) = match self.place {
                Place::Head => self.head(rest)?,
                Place::Chunk(before) => self.chunk(rest, before)?,
                Place::Data(left, before) => {
                    let taken = left.min(rest.len());
                    self.place =
                        if taken == left { Place::Chunk(before) } else { Place::Data(left - taken, before) };
                    (taken, false)
                }
            };
            if taken == 0 {
                break;
            }
            at += taken;
            answers += usize::from(ended);
        }
        Ok((at, answers))
    }

    fn head(&mut self, bytes: &[u8]) -> Result<(usize, bool), String> {
        if let (Expected::Body(body), Some([head, whole])) = (self.expected, self.last)
            && bytes.len() >= whole
            && bytes.starts_with(b"HTTP/1.1 200")
            && bytes[..head].ends_with(BLANK_LINE)
            && bytes[head..whole] == **body
        {
            return Ok((whole, true));
        }
        let Some(end) = bytes.windows(BLANK_LINE.len()).position(|four| four == BLANK_LINE) else {
            return Ok((0, false));
        };
        let end = end + BLANK_LINE.len();
        let head = std::str::from_utf8(&bytes[..end]).map_err(|_| "a head that is not text".to_owned())?;
        let mut lines = head.split("\r\n");
        let status = lines.next().unwrap_or_default();
        if !status.starts_with("HTTP/1.1 200") {
            return Err(format!("it answered `{status}`"));
        }
        let value = |name: &str| {
            head.split("\r\n")
                .filter_map(|line| line.split_once(':'))
                .find_map(|(found, value)| found.eq_ignore_ascii_case(name).then(|| value.trim()))
        };
        match self.expected {
            Expected::Chunks(_) => {
                if value("transfer-encoding").is_none_or(|encoding| !encoding.eq_ignore_ascii_case("chunked"))
                {
                    return Err("an answer that is not in chunks".to_owned());
                }
                self.place = Place::Chunk(0);
                Ok((end, false))
            }
            Expected::Body(body) => {
                let length: usize = value("content-length")
                    .and_then(|length| length.parse().ok())
                    .ok_or("an answer without a content-length")?;
                let whole = end + length;
                if bytes.len() < whole {
                    return Ok((0, false));
                }
                if bytes[end..whole] != **body {
                    let got = String::from_utf8_lossy(&bytes[end..whole]);
                    return Err(format!(
                        "it answered with another body: `{}`",
                        got.chars().take(80).collect::<String>()
                    ));
                }
                self.last = Some([end, whole]);
                Ok((whole, true))
            }
        }
    }

    fn chunk(&mut self, bytes: &[u8], before: usize) -> Result<(usize, bool), String> {
        let Some(line) = bytes.windows(2).take(20).position(|two| two == b"\r\n") else {
            return if bytes.len() > 20 {
                Err("a chunk without a length".to_owned())
            } else {
                Ok((0, false))
            };
        };
        let length = std::str::from_utf8(&bytes[..line])
            .ok()
            .and_then(|text| usize::from_str_radix(text, 16).ok())
            .ok_or("a chunk without a length")?;
        if length > 0 {
            self.place = Place::Data(length + 2, before + length);
            return Ok((line + 2, false));
        }
        if bytes.len() < line + BLANK_LINE.len() {
            return Ok((0, false));
        }
        match self.expected {
            Expected::Chunks(whole) if *whole == before => {}
            _ => return Err(format!("{before} bytes in chunks")),
        }
        self.place = Place::Head;
        Ok((line + BLANK_LINE.len(), true))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nx: y\r\n\r\nhi";

    fn taken(expected: &Expected, pieces: &[&str]) -> Result<usize, String> {
        let (mut answers, mut bytes, mut count) = (Answers::new(expected), Vec::new(), 0);
        for piece in pieces {
            bytes.extend_from_slice(piece.as_bytes());
            let (taken, ended) = answers.take(&bytes)?;
            bytes.drain(..taken);
            count += ended;
        }
        if bytes.is_empty() { Ok(count) } else { Err(format!("{} bytes are left", bytes.len())) }
    }

    #[test]
    fn answers_are_counted_however_they_are_cut() {
        let expected = Expected::Body(b"hi".to_vec());
        let three = OK.repeat(3);
        for cut in 0..three.len() {
            assert_eq!(taken(&expected, &[&three[..cut], &three[cut..]]), Ok(3), "cut at {cut}");
        }
    }

    #[test]
    fn chunks_are_counted_however_they_are_cut() {
        let one =
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\nA\r\n0123456789\r\n0\r\n\r\n";
        let two = one.repeat(2);
        for cut in 0..two.len() {
            assert_eq!(taken(&Expected::Chunks(13), &[&two[..cut], &two[cut..]]), Ok(2), "cut at {cut}");
        }
        assert!(taken(&Expected::Chunks(14), &[&two]).is_err());
    }

    #[test]
    fn what_is_not_the_answer_is_an_error() {
        let expected = Expected::Body(b"hi".to_vec());
        assert!(taken(&expected, &[&OK.replace("hi", "ho")]).is_err());
        assert!(taken(&expected, &[OK, &OK.replace("hi", "ho")]).is_err());
        assert!(taken(&expected, &[&OK.replace("200", "500")]).is_err());
        assert!(taken(&expected, &[OK, &OK.replace("200", "500")]).is_err());
        assert!(taken(&expected, &[&OK.replace("Content-Length", "Length")]).is_err());
    }
}
