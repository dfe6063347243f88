//! Stack traces: where it happened, which changes with every release of the program.

/// The length of the lines of a stack trace that `rest`, the start of a line, starts with; 0 if there is none.
pub(super) fn length(rest: &str) -> usize {
    let mut length = 0;
    let mut source = false;
    for line in rest.split_inclusive('\n') {
        let text = line.trim_start();
        let indented = text.len() < line.len();
        if !indented || !is_frame(text) && !source {
            break;
        }
        // Python shows the line of the program, and underlines a part of it.
        source = text.starts_with("File \"") || source && !text.starts_with(['^', '~']);
        length += line.len();
    }
    length
}

fn is_frame(text: &str) -> bool {
    ["at ", "File \"", "... ", "from /", "^"].iter().any(|start| text.starts_with(start))
}
