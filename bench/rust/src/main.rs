//! The Rust side of the benchmarks. It is asked by lines on its input, and answers each with a
//! line: see README.md.

#![deny(unsafe_code)]

mod affinity;
mod lap;
mod locks;
mod owners;
mod values;
mod waits;

use std::io::{self, BufRead, Write};
use std::panic::catch_unwind;

use affinity::Affinity;
use lap::Figure;

/// More threads than that are a mistake.
const MOST_THREADS: usize = 1024;

/// What is known. Where a name ends in a number, other numbers will do too.
const NAMES: &[&str] = &[
    "Lock/increment",
    "Lock/try",
    "Contended/empty/2",
    "Contended/empty/10",
    "Contended/empty/100",
    "Contended/200ns/2",
    "Contended/200ns/10",
    "Contended/200ns/100",
    "Contended/map/2",
    "Contended/map/10",
    "Contended/map/100",
    "Turns/2",
    "Queue/1x1",
    "Queue/4x4",
    "RW/read",
    "RW/write",
    "RW/99",
    "RW/90",
    "RW/50",
    "RW-mutex/99",
    "RW-mutex/90",
    "RW-mutex/50",
    "Count/clone",
    "Count/upgrade",
    "Count/downgrade",
    "Count/load",
    "Owners/1",
    "Owners/2",
    "Owners/4",
    "Owners/8",
    "Owners/16",
    "Swap/1",
    "Swap/2",
    "Swap/4",
    "Swap/8",
    "Swap/16",
    "Create/mutex",
    "Create/arc",
    "Size/mutex",
    "Size/rwlock",
    "Size/arc",
    "Size/handle",
];

fn main() -> io::Result<()> {
    locks::spin_steps(); // while nothing else runs
    serve(io::stdin().lock(), io::stdout().lock())
}

/// Answers questions until there are no more.
fn serve(mut questions: impl BufRead, mut answers: impl Write) -> io::Result<()> {
    let mut affinity = Affinity::default();
    let mut line = Vec::new();
    loop {
        line.clear();
        if questions.read_until(b'\n', &mut line)? == 0 {
            return Ok(());
        }
        let answer = answer(&String::from_utf8_lossy(&line), &mut affinity)
            .unwrap_or_else(|why| format!("error: {}", why.replace(['\n', '\r'], " ")));
        writeln!(answers, "{answer}")?;
        answers.flush()?;
    }
}

fn answer(question: &str, affinity: &mut Affinity) -> Result<String, String> {
    let words: Vec<&str> = question.split_whitespace().collect();
    match words[..] {
        ["lap", name, n] => {
            let n = match n.parse() {
                Ok(0) | Err(_) => return Err(format!("{n:?} is not a number of operations")),
                Ok(n) => n,
            };
            let figure = catch_unwind(|| lap(name, n));
            let figure = figure.unwrap_or_else(|panic| Err(lap::reason(&*panic)))?;
            Ok(figure.to_string())
        }
        ["lap", ..] => Err("want: lap NAME N".into()),
        ["pin", cpu] => match cpu.parse() {
            Ok(cpu) if affinity.pin(cpu) => Ok("ok".into()),
            Ok(_) => Ok("no".into()),
            Err(_) => Err(format!("{cpu:?} is not the number of a processor")),
        },
        ["pin", ..] => Err("want: pin CPU".into()),
        ["unpin"] => {
            affinity.unpin();
            Ok("ok".into())
        }
        ["list"] => Ok(NAMES.join(" ")),
        ["version"] => Ok(env!("RUSTC_VERSION").into()),
        _ => Err("want: lap NAME N, pin CPU, unpin, list or version".into()),
    }
}

/// Does n operations, at least one, of what is known by that name.
fn lap(name: &str, n: u64) -> Figure {
    let parts: Vec<&str> = name.split('/').collect();
    match parts[..] {
        ["Lock", "increment"] => locks::lock_increment(n),
        ["Lock", "try"] => locks::lock_try(n),
        ["Contended", "empty", g] => locks::contended_empty(threads(g)?, n),
        ["Contended", "200ns", g] => locks::contended_200ns(threads(g)?, n),
        ["Contended", "map", g] => locks::contended_map(threads(g)?, n),
        ["Turns", "2"] => waits::turns(n),
        ["Queue", sizes] => {
            let (producers, consumers) = sizes
                .split_once('x')
                .ok_or_else(|| format!("want: Queue/PxC, not {name}"))?;
            waits::queue(threads(producers)?, threads(consumers)?, n)
        }
        ["RW", "read"] => locks::rw_read(n),
        ["RW", "write"] => locks::rw_write(n),
        ["RW", reads] => locks::rw_mix(percent(reads)?, n),
        ["RW-mutex", reads] => locks::mutex_mix(percent(reads)?, n),
        ["Count", "clone"] => owners::count_clone(n),
        ["Count", "upgrade"] => owners::count_upgrade(n),
        ["Count", "downgrade"] => owners::count_downgrade(n),
        ["Count", "load"] => owners::count_load(n),
        ["Owners", t] => owners::owners(threads(t)?, n),
        ["Swap", r] => owners::swap(threads(r)?, n),
        ["Create", "mutex"] => values::create_mutex(n),
        ["Create", "arc"] => values::create_arc(n),
        ["Size", "mutex"] => Ok(values::size_mutex()),
        ["Size", "rwlock"] => Ok(values::size_rwlock()),
        ["Size", "arc"] => Ok(values::size_arc()),
        ["Size", "handle"] => Ok(values::size_handle()),
        _ => Err(format!("{name} is not known")),
    }
}

fn threads(s: &str) -> Result<usize, String> {
    match s.parse() {
        Ok(threads) if (1..=MOST_THREADS).contains(&threads) => Ok(threads),
        _ => Err(format!("{s:?} is not a number of threads")),
    }
}

fn percent(s: &str) -> Result<u64, String> {
    match s.parse() {
        Ok(percent) if percent <= 100 => Ok(percent),
        _ => Err(format!("{s:?} is neither known nor a percentage of reads")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(questions: &[u8]) -> Vec<String> {
        let mut answers = Vec::new();
        serve(questions, &mut answers).unwrap();
        let answers = String::from_utf8(answers).unwrap();
        answers.lines().map(String::from).collect()
    }

    #[test]
    fn every_name_has_a_figure() {
        for name in ask(b"list\n")[0].split(' ') {
            for n in [1, 3, 1000, 1001] {
                let answers = ask(format!("lap {name} {n}\n").as_bytes());
                assert_eq!(answers.len(), 1, "{name} {n}");
                let figure: f64 = answers[0]
                    .parse()
                    .unwrap_or_else(|_| panic!("{name} {n}: {}", answers[0]));
                assert!(figure.is_finite() && figure > 0.0, "{name} {n}: {figure}");
            }
        }
    }

    #[test]
    fn other_numbers() {
        for name in [
            "Contended/empty/1",
            "Contended/map/3",
            "Queue/3x2",
            "Queue/1x9",
            "RW/0",
            "RW/100",
            "RW-mutex/75",
            "Owners/3",
            "Swap/5",
        ] {
            for n in [1, 2, 500] {
                lap(name, n).unwrap_or_else(|why| panic!("{name} {n}: {why}"));
            }
        }
    }

    #[test]
    fn errors() {
        for question in [
            "",
            "   ",
            "lap",
            "lap Lock/increment",
            "lap Lock/increment 0",
            "lap Lock/increment -1",
            "lap Lock/increment 1.5",
            "lap Lock/increment many",
            "lap Lock/increment 99999999999999999999999",
            "lap Lock/increment 1 2",
            "lap Lock 1",
            "lap Lock/ 1",
            "lap Lock/increment/2 1",
            "lap lock/increment 1",
            "lap Contended/empty 1",
            "lap Contended/empty/0 1",
            "lap Contended/empty/-2 1",
            "lap Contended/empty/x 1",
            "lap Contended/empty/1000000 1",
            "lap Contended/full/2 1",
            "lap Turns/3 1",
            "lap Queue/4 1",
            "lap Queue/0x1 1",
            "lap Queue/1x0 1",
            "lap Queue/1x 1",
            "lap Queue/1x1x1 1",
            "lap RW/101 1",
            "lap RW/ 1",
            "lap Owners/0 1",
            "lap Swap/ 1",
            "lap Size/mutex 0",
            "lap / 1",
            "lap // 1",
            "pin",
            "pin x",
            "pin -1",
            "pin 0 1",
            "unpin 0",
            "list all",
            "LIST",
            "version 2",
            "\u{0}\u{1}",
            "lap \u{1f980} 1",
        ] {
            let answers = ask(format!("{question}\n").as_bytes());
            assert_eq!(answers.len(), 1, "{question:?}");
            assert!(
                answers[0].starts_with("error: ") && answers[0].len() > "error: ".len(),
                "{question:?}: {}",
                answers[0]
            );
        }
        let answers = ask(b"\xff\xfe\r\nlap Size/handle 1"); // and the last line has no end
        assert!(answers[0].starts_with("error: "));
        assert_eq!(answers[1], size_of::<usize>().to_string());
        assert_eq!(answers.len(), 2);
    }

    #[test]
    fn conversation() {
        let answers = ask(b"pin 99999\nunpin\nversion\nlap Size/arc 7\n");
        assert_eq!(answers[0], "no");
        assert_eq!(answers[1], "ok");
        assert!(answers[2].starts_with("rustc "));
        assert_eq!(answers[3], (2 * size_of::<usize>() + 8).to_string());
        assert!(ask(b"").is_empty());
    }
}
