//! The encoders, of the crates `brotli`, `flate2` and `zstd`.
//!
//! Those of gzip and Zstandard are kept and used again: to make one costs more than to compress a page, since it is hundreds of
//! kilobytes, which the allocator may give back to the system each time.

use std::io::{Error, Result};
use std::mem;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::available_parallelism;

use brotli::enc::StandardAlloc;
use brotli::enc::backward_references::BrotliEncoderParams;
use brotli::enc::encode::{BrotliEncoderOperation, BrotliEncoderStateStruct};
use bytes::Bytes;
use flate2::{Compress, FlushCompress, Status};
use zstd::stream::raw::{Encoder as Zstd, InBuffer, Operation, OutBuffer};

use super::coding::{Coding, Levels};

/// By how much output grows.
const ROOM: usize = 4096;

/// The encoders of a layer that nobody uses, and how new ones are made.
pub(super) struct Pool {
    pub(super) levels: Levels,
    /// How many of each are kept: as many as there are processors, since no more compress at the same time.
    most: usize,
    gzip: Mutex<Vec<Compress>>,
    zstd: Mutex<Vec<Zstd<'static>>>,
}

/// Takes one, if there is one.
fn take<T>(idle: &Mutex<Vec<T>>) -> Option<T> {
    idle.lock().unwrap_or_else(PoisonError::into_inner).pop()
}

impl Default for Pool {
    fn default() -> Self {
        // Asked for once: the system reads files for it.
        let most = available_parallelism().map_or(1, usize::from);
        Pool { levels: Levels::default(), most, gzip: Mutex::default(), zstd: Mutex::default() }
    }
}

impl Pool {
    fn put<T>(&self, idle: &Mutex<Vec<T>>, one: T) {
        let mut idle = idle.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.len() < self.most {
            idle.push(one);
        }
    }
}

/// Compresses into memory, and goes back to its pool when it is dropped.
pub(super) struct Encoder {
    state: State,
    output: Vec<u8>,
    pool: Arc<Pool>,
}

enum State {
    // Boxed, so that the enum is small: its state has kilobytes anyway.
    Br(Box<BrotliEncoderStateStruct<StandardAlloc>>),
    Gzip(Compress),
    Zstd(Zstd<'static>),
    /// It is back in the pool.
    Gone,
}

impl Drop for Encoder {
    fn drop(&mut self) {
        match mem::replace(&mut self.state, State::Gone) {
            State::Gzip(encoder) => self.pool.put(&self.pool.gzip, encoder),
            State::Zstd(encoder) => self.pool.put(&self.pool.zstd, encoder),
            State::Br(_) | State::Gone => {}
        }
    }
}

impl Encoder {
    /// An encoder for a body of so many bytes, if that is known.
    pub(super) fn new(pool: &Arc<Pool>, coding: Coding, length: Option<u64>) -> Result<Self> {
        let state = match coding {
            Coding::Br => State::Br(Box::new(brotli(&pool.levels, length))),
            Coding::Gzip => State::Gzip(match take(&pool.gzip) {
                Some(mut encoder) => {
                    encoder.reset();
                    encoder
                }
                None => Compress::new_gzip(flate2::Compression::new(pool.levels.gzip.into()), 15),
            }),
            Coding::Zstd => {
                let mut encoder = match take(&pool.zstd) {
                    Some(encoder) => encoder,
                    None => Zstd::new(pool.levels.zstd.into())?,
                };
                encoder.reinit()?;
                // Its tables are as large as a body of that length needs.
                encoder.set_pledged_src_size(length)?;
                State::Zstd(encoder)
            }
        };
        Ok(Encoder { state, output: Vec::new(), pool: Arc::clone(pool) })
    }

    /// Compresses all bytes there are.
    pub(super) fn whole(mut self, bytes: &[u8]) -> Result<Bytes> {
        self.output.reserve(bytes.len() / 2 + 64);
        self.write(bytes)?;
        self.finish()?;
        Ok(self.take())
    }

    /// Takes bytes.
    pub(super) fn write(&mut self, bytes: &[u8]) -> Result<()> {
        let output = &mut self.output;
        match &mut self.state {
            State::Br(encoder) => {
                compress_brotli(encoder, bytes, output, BrotliEncoderOperation::BROTLI_OPERATION_PROCESS)
            }
            State::Gzip(encoder) => compress_gzip(encoder, bytes, output, FlushCompress::None),
            State::Zstd(encoder) => {
                let mut input = InBuffer::around(bytes);
                while input.pos() < bytes.len() {
                    compress_zstd(output, |output| encoder.run(&mut input, output))?;
                }
                Ok(())
            }
            State::Gone => Err(gone()),
        }
    }

    /// Makes output of all that was written.
    pub(super) fn flush(&mut self) -> Result<()> {
        let output = &mut self.output;
        match &mut self.state {
            State::Br(encoder) => {
                compress_brotli(encoder, &[], output, BrotliEncoderOperation::BROTLI_OPERATION_FLUSH)
            }
            State::Gzip(encoder) => compress_gzip(encoder, &[], output, FlushCompress::Sync),
            State::Zstd(encoder) => {
                while compress_zstd(output, |output| encoder.flush(output))? > 0 {}
                Ok(())
            }
            State::Gone => Err(gone()),
        }
    }

    /// Makes output of all that was written, and of the end.
    pub(super) fn finish(&mut self) -> Result<()> {
        let output = &mut self.output;
        match &mut self.state {
            State::Br(encoder) => {
                compress_brotli(encoder, &[], output, BrotliEncoderOperation::BROTLI_OPERATION_FINISH)
            }
            State::Gzip(encoder) => compress_gzip(encoder, &[], output, FlushCompress::Finish),
            State::Zstd(encoder) => {
                while compress_zstd(output, |output| encoder.finish(output, true))? > 0 {}
                Ok(())
            }
            State::Gone => Err(gone()),
        }
    }

    /// The output since the last time.
    pub(super) fn take(&mut self) -> Bytes {
        mem::take(&mut self.output).into()
    }
}

fn gone() -> Error {
    Error::other("the encoder is back in its pool")
}

fn brotli(levels: &Levels, length: Option<u64>) -> BrotliEncoderStateStruct<StandardAlloc> {
    let mut encoder = BrotliEncoderStateStruct::new(StandardAlloc::default());
    encoder.params = BrotliEncoderParams {
        quality: levels.br.into(),
        lgwin: window(length),
        size_hint: length.and_then(|length| length.try_into().ok()).unwrap_or(0),
        ..BrotliEncoderParams::default()
    };
    encoder
}

/// Bodies of a known length need no larger window: 2 to the power of 10 to 22 bytes.
fn window(length: Option<u64>) -> i32 {
    let bits = length.map_or(22, |length| length.max(1).next_power_of_two().trailing_zeros().clamp(10, 22));
    bits.try_into().unwrap_or(22)
}

fn compress_brotli(
    encoder: &mut BrotliEncoderStateStruct<StandardAlloc>,
    mut input: &[u8],
    output: &mut Vec<u8>,
    operation: BrotliEncoderOperation,
) -> Result<()> {
    loop {
        let begin = output.len();
        output.resize(begin + ROOM, 0);
        let (mut left, mut read, mut room, mut written) = (input.len(), 0, ROOM, 0);
        let is_done = encoder.compress_stream(
            operation,
            &mut left,
            input,
            &mut read,
            &mut room,
            &mut output[begin..],
            &mut written,
            &mut None,
            &mut |_, _, _, _| (),
        );
        output.truncate(begin + written);
        if !is_done {
            return Err(Error::other("the encoder of Brotli has failed"));
        }
        input = &input[read..];
        if input.is_empty() && !encoder.has_more_output() {
            return Ok(());
        }
    }
}

fn compress_gzip(
    encoder: &mut Compress,
    mut input: &[u8],
    output: &mut Vec<u8>,
    flush: FlushCompress,
) -> Result<()> {
    loop {
        if output.len() == output.capacity() {
            output.reserve(ROOM);
        }
        let before = encoder.total_in();
        let status = encoder.compress_vec(input, output, flush)?;
        input = usize::try_from(encoder.total_in() - before)
            .ok()
            .and_then(|read| input.get(read..))
            .unwrap_or(&[]);
        // While it has more to say it fills the output.
        let is_done = match flush {
            FlushCompress::Finish => status == Status::StreamEnd,
            _ => input.is_empty() && output.len() < output.capacity(),
        };
        if is_done {
            return Ok(());
        }
    }
}

/// Gives an encoder room behind the output.
fn compress_zstd(
    output: &mut Vec<u8>,
    compress: impl FnOnce(&mut OutBuffer<'_, Vec<u8>>) -> Result<usize>,
) -> Result<usize> {
    if output.len() == output.capacity() {
        output.reserve(ROOM);
    }
    let begin = output.len();
    compress(&mut OutBuffer::around_pos(output, begin))
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;
    use std::sync::Arc;
    use std::thread::available_parallelism;

    use super::{Coding, Encoder, Pool};

    fn decoded(coding: Coding, bytes: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        match coding {
            Coding::Br => brotli::Decompressor::new(bytes, 4096).read_to_end(&mut out).unwrap(),
            Coding::Gzip => flate2::read::GzDecoder::new(bytes).read_to_end(&mut out).unwrap(),
            Coding::Zstd => zstd::Decoder::new(bytes).unwrap().read_to_end(&mut out).unwrap(),
        };
        out
    }

    #[test]
    fn an_encoder_that_was_given_up_compresses_the_next_body_as_a_new_one_does() {
        let texts: Vec<Vec<u8>> = [0, 1, 1500, 40_000, 300_000]
            .map(|length| (0..length).map(|at: u64| (at * at % 251) as u8).collect())
            .to_vec();
        for coding in [Coding::Br, Coding::Gzip, Coding::Zstd] {
            let used = Arc::new(Pool::default());
            for text in texts.iter().chain(texts.iter().rev()) {
                // One that has output which nobody takes, and has not reached its length.
                let mut given_up = Encoder::new(&used, coding, Some(500_000)).unwrap();
                given_up.write(&[7; 70_000]).unwrap();
                given_up.flush().unwrap();
                drop(given_up);
                let length = Some(text.len() as u64);
                let again = Encoder::new(&used, coding, length).unwrap().whole(text).unwrap();
                let new = Encoder::new(&Arc::default(), coding, length).unwrap().whole(text).unwrap();
                assert_eq!(decoded(coding, &again), *text);
                assert_eq!(again, new, "{coding:?} of {} bytes", text.len());
            }
        }
    }

    #[test]
    fn a_pool_keeps_one_encoder_for_each_processor() {
        let pool = Arc::new(Pool::default());
        for coding in [Coding::Br, Coding::Gzip, Coding::Zstd] {
            let all: Vec<_> = (0..200).map(|_| Encoder::new(&pool, coding, None).unwrap()).collect();
            drop(all);
        }
        let kept = (pool.gzip.lock().unwrap().len(), pool.zstd.lock().unwrap().len());
        let processors = available_parallelism().unwrap().get();
        assert_eq!(kept, (processors, processors));
    }
}
