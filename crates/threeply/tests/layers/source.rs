//! Rust source as the layer rules read it: without comments and strings, and as a list of the
//! paths that it names.
use std::{
    fs,
    path::{Path, PathBuf},
};

/// One file of a crate.
pub(crate) struct Source {
    /// Relative to the folder that was read, with `/` between its parts.
    pub(crate) name: String,
    /// The lines as written.
    pub(crate) lines: Vec<String>,
    /// The same lines with comments, strings and characters blanked.
    pub(crate) code: Vec<String>,
}

impl Source {
    /// Reads every `.rs` file below `dir`, in the order of their names.
    pub(crate) fn all(dir: &Path) -> Vec<Self> {
        let mut files = Vec::new();
        rust_files(dir, &mut files);
        files.sort();
        assert!(!files.is_empty(), "no Rust file in {}", dir.display());
        files
            .iter()
            .map(|path| {
                let name = path.strip_prefix(dir).unwrap().to_str().unwrap();
                Self::new(name, &fs::read_to_string(path).unwrap())
            })
            .collect()
    }

    pub(crate) fn new(name: &str, text: &str) -> Self {
        let owned = |text: &str| text.lines().map(str::to_owned).collect();
        Self {
            name: name.to_owned(),
            lines: owned(text),
            code: owned(&blanked(text)),
        }
    }

    /// The module of the crate that the file belongs to: `park` for `park/queue.rs`.
    pub(crate) fn module(&self) -> &str {
        let first = self.name.split('/').next().unwrap();
        first.trim_end_matches(".rs")
    }

    /// Every path of two parts or more that the code names, with its line (counted from 1).
    ///
    /// `use a::{b, c::d}` names `a::b` and `a::c::d`; leading `super`s that reach the crate's root
    /// become `crate`.
    pub(crate) fn paths(&self) -> Vec<(usize, Vec<String>)> {
        let tokens = tokens(&self.code);
        let mut paths = Vec::new();
        let mut at = 0;
        while at < tokens.len() {
            if tokens[at].text == "::" || !tokens[at].is_word() {
                at += 1;
            } else {
                at = path(&tokens, at, &[], &mut paths);
            }
        }
        for (_, path) in &mut paths {
            self.root(path);
        }
        paths
    }

    /// Rewrites `super::super::x` of `park/queue.rs` as `crate::x`.
    fn root(&self, path: &mut Vec<String>) {
        let supers = path.iter().take_while(|part| *part == "super").count();
        let parts = self.name.trim_end_matches(".rs").split('/');
        let depth = parts.filter(|part| *part != "mod").count();
        if supers > 0 && supers >= depth {
            path.splice(..supers, ["crate".to_owned()]);
        }
    }
}

struct Token {
    line: usize,
    text: String,
}

impl Token {
    fn is_word(&self) -> bool {
        self.text
            .starts_with(|c: char| c.is_alphabetic() || c == '_')
    }
}

/// Reads a path at `at`, and what follows it in braces, into `paths`; gives where it ends.
fn path(
    tokens: &[Token],
    mut at: usize,
    prefix: &[String],
    paths: &mut Vec<(usize, Vec<String>)>,
) -> usize {
    let line = tokens[at].line;
    let mut parts = prefix.to_vec();
    loop {
        match tokens.get(at) {
            Some(token) if token.is_word() => parts.push(token.text.clone()),
            Some(token) if token.text == "{" && parts.len() > prefix.len() => {
                return group(tokens, at + 1, &parts, paths);
            }
            _ => break,
        }
        at += 1;
        if tokens.get(at).is_none_or(|token| token.text != "::") {
            break;
        }
        at += 1;
    }
    if parts.len() > 1 {
        paths.push((line, parts));
    }
    at
}

/// Reads the members of `prefix::{...}` up to the closing brace; gives what follows it.
fn group(
    tokens: &[Token],
    mut at: usize,
    prefix: &[String],
    paths: &mut Vec<(usize, Vec<String>)>,
) -> usize {
    while let Some(token) = tokens.get(at) {
        match token.text.as_str() {
            "}" => return at + 1,
            _ if token.is_word() => at = path(tokens, at, prefix, paths),
            _ => at += 1,
        }
    }
    at
}

fn tokens(code: &[String]) -> Vec<Token> {
    let mut tokens: Vec<Token> = Vec::new();
    for (index, line) in code.iter().enumerate() {
        let mut rest = line.as_str();
        while let Some(first) = rest.chars().next() {
            let word = rest
                .find(|c: char| !c.is_alphanumeric() && c != '_')
                .unwrap_or(rest.len());
            let length = match first {
                _ if word > 0 => word,
                ':' if rest.starts_with("::") => 2,
                _ => first.len_utf8(),
            };
            if !first.is_whitespace() {
                tokens.push(Token {
                    line: index + 1,
                    text: rest[..length].to_owned(),
                });
            }
            rest = &rest[length..];
        }
    }
    tokens
}

/// Replaces comments, strings and characters by spaces, line by line.
fn blanked(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while !rest.is_empty() {
        let hidden = hidden(rest, out.chars().next_back());
        let length = hidden.unwrap_or_else(|| rest.chars().next().map_or(1, char::len_utf8));
        let (piece, after) = rest.split_at(length);
        if hidden.is_some() {
            out.extend(piece.chars().map(|c| if c == '\n' { '\n' } else { ' ' }));
        } else {
            out.push_str(piece);
        }
        rest = after;
    }
    out
}

/// The length of the comment, string or character that `rest` begins with.
fn hidden(rest: &str, before: Option<char>) -> Option<usize> {
    let end_of = |found: Option<usize>, tail: usize| found.map_or(rest.len(), |at| at + tail);
    let inside_word = before.is_some_and(|c| c.is_alphanumeric() || c == '_');
    if rest.starts_with("//") {
        return Some(end_of(rest.find('\n'), 0));
    }
    if rest.starts_with("/*") {
        return Some(end_of(rest.find("*/"), 2));
    }
    if !inside_word && (rest.starts_with("r\"") || rest.starts_with("r#")) {
        let hashes = rest[1..].chars().take_while(|c| *c == '#').count();
        let open = 1 + hashes;
        if !rest[open..].starts_with('"') {
            return None;
        }
        let close = format!("\"{}", "#".repeat(hashes));
        return Some(end_of(
            rest[open + 1..].find(&close).map(|at| at + open + 1),
            close.len(),
        ));
    }
    if rest.starts_with('"') {
        return Some(quoted(rest, '"'));
    }
    // A character, not a lifetime: 'x' or an escape.
    let mut letters = rest.chars();
    if letters.next() == Some('\'') {
        let (second, third) = (letters.next()?, letters.next()?);
        if second == '\\' || third == '\'' {
            return Some(quoted(rest, '\''));
        }
    }
    None
}

/// The length of a literal between two of `quote`, of which the first opens `rest`.
fn quoted(rest: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, letter) in rest.char_indices().skip(1) {
        match letter {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            _ if letter == quote => return at + quote.len_utf8(),
            _ => {}
        }
    }
    rest.len()
}

fn rust_files(dir: &Path, out: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            rust_files(&path, out);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            out.push(path);
        }
    }
}
