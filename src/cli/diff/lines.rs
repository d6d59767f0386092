//! Two texts of several lines → which lines went, came and stayed.

/// A line, and what became of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Line<'a> {
    /// `-`, `+` or a space.
    pub sign: char,
    pub text: &'a str,
}

/// Beyond so many pairs of lines a shortest answer isn't looked for.
const PAIRS: usize = 1 << 20;

/// The lines of both, in order: by the longest common subsequence of what lies between the lines that begin and end both.
pub fn lines<'a>(old: &'a str, new: &'a str) -> Vec<Line<'a>> {
    let (old, new): (Vec<&str>, Vec<&str>) = (old.lines().collect(), new.lines().collect());
    let head = old.iter().zip(&new).take_while(|(a, b)| a == b).count();
    let tail = old[head..].iter().rev().zip(new[head..].iter().rev()).take_while(|(a, b)| a == b).count();
    let (gone, come) = (&old[head..old.len() - tail], &new[head..new.len() - tail]);
    let same = |lines: &[&'a str]| lines.iter().map(|text| Line { sign: ' ', text }).collect::<Vec<_>>();
    [same(&old[..head]), between(gone, come), same(&old[old.len() - tail..])].concat()
}

fn between<'a>(old: &[&'a str], new: &[&'a str]) -> Vec<Line<'a>> {
    let mut lines = Vec::new();
    let (mut i, mut j) = (0, 0);
    if old.len() * new.len() <= PAIRS {
        // How many lines the rests have in common.
        let mut common = vec![vec![0_u32; new.len() + 1]; old.len() + 1];
        for i in (0..old.len()).rev() {
            for j in (0..new.len()).rev() {
                let longer = common[i + 1][j].max(common[i][j + 1]);
                common[i][j] = if old[i] == new[j] { common[i + 1][j + 1] + 1 } else { longer };
            }
        }
        while i < old.len() && j < new.len() {
            if old[i] == new[j] {
                lines.push(Line { sign: ' ', text: old[i] });
                (i, j) = (i + 1, j + 1);
            } else if common[i + 1][j] >= common[i][j + 1] {
                lines.push(Line { sign: '-', text: old[i] });
                i += 1;
            } else {
                lines.push(Line { sign: '+', text: new[j] });
                j += 1;
            }
        }
    }
    lines.extend(old[i..].iter().map(|text| Line { sign: '-', text }));
    lines.extend(new[j..].iter().map(|text| Line { sign: '+', text }));
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_that_stay_are_told_from_those_that_go_and_come() {
        let check = |old: &str, new: &str, expected: &str| {
            let said: Vec<String> = lines(old, new).iter().map(|line| format!("{}{}", line.sign, line.text)).collect();
            assert_eq!(said.join("|"), expected, "{old:?} {new:?}");
        };
        check("a\nb\nc", "a\nx\nc", " a|-b|+x| c");
        check("a\nb\nc\nd", "b\nd\ne", "-a| b|-c| d|+e");
        check("a\na", "a\na\na", " a| a|+a");
        check("", "a", "+a");
        check("a", "", "-a");
        let long = |line: &str| vec![line; 2000].join("\n");
        assert_eq!(lines(&long("a"), &long("b")).len(), 4000);
    }
}
