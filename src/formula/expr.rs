//! The typed tree of a formula.

use crate::text::Name;

/// A number or a condition; which of the two is settled when the formula is read.
#[derive(Debug, Clone, PartialEq)]
pub enum Expr {
    Number(f64),
    /// By position among the formula's inputs.
    Input(usize),
    Neg(Box<Expr>),
    Not(Box<Expr>),
    Binary(Binary, Box<Expr>, Box<Expr>),
    /// Condition, then, else: only the branch taken is computed.
    If(Box<[Expr; 3]>),
    /// The first argument that is not missing.
    Coalesce(Vec<Expr>),
    Call(Function, Vec<Expr>),
}

#[derive(Debug, Clone, PartialEq)]
pub enum Binary {
    Add,
    Sub,
    Mul,
    /// `by` is the divisor as written, for the reason when it is 0.
    Div {
        by: Name,
    },
    Rem {
        by: Name,
    },
    Pow,
    Eq,
    Ne,
    Lt,
    Le,
    Gt,
    Ge,
    And,
    Or,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Function {
    Min,
    Max,
    Abs,
    Round,
    Floor,
    Ceil,
    Sqrt,
    Ln,
    Exp,
}

impl Expr {
    /// What is computed, as formulas write it; none of a number or an input.
    pub(super) fn operation(&self) -> Option<&'static str> {
        match self {
            Expr::Number(_) | Expr::Input(_) => None,
            Expr::Neg(_) => Some("-"),
            Expr::Not(_) => Some("!"),
            Expr::Binary(op, ..) => Some(op.symbol().0),
            Expr::If(_) => Some("if"),
            Expr::Coalesce(_) => Some("coalesce"),
            Expr::Call(function, _) => Some(function.name()),
        }
    }

    /// What it is computed from, in the order of the text. A chain like `a + b + c` has three parts, not two of which one is a sum.
    pub(super) fn parts(&self) -> Vec<&Expr> {
        match self {
            Expr::Number(_) | Expr::Input(_) => Vec::new(),
            Expr::Neg(inner) | Expr::Not(inner) => vec![inner],
            Expr::Binary(op, left, right) => {
                let mut parts = vec![&**right];
                let mut rest = &**left;
                while let Expr::Binary(inner, left, right) = rest {
                    if !(op.chains() && op == inner) {
                        break;
                    }
                    parts.push(right);
                    rest = left;
                }
                parts.push(rest);
                parts.reverse();
                parts
            }
            Expr::If(parts) => parts.iter().collect(),
            Expr::Coalesce(parts) | Expr::Call(_, parts) => parts.iter().collect(),
        }
    }

    /// Whether some of its parts may not be computed.
    pub(super) fn is_lazy(&self) -> bool {
        match self {
            Expr::If(_) | Expr::Coalesce(_) => true,
            Expr::Binary(op, ..) => op.takes_conditions(),
            _ => false,
        }
    }

    /// Whether it is true or false, and no number.
    pub(super) fn is_condition(&self) -> bool {
        match self {
            Expr::Not(_) => true,
            Expr::Binary(op, ..) => op.gives_condition(),
            _ => false,
        }
    }
}

impl Function {
    pub(super) const ALL: [(&'static str, Function); 9] = [
        ("min", Function::Min),
        ("max", Function::Max),
        ("abs", Function::Abs),
        ("round", Function::Round),
        ("floor", Function::Floor),
        ("ceil", Function::Ceil),
        ("sqrt", Function::Sqrt),
        ("ln", Function::Ln),
        ("exp", Function::Exp),
    ];

    pub(super) fn name(self) -> &'static str {
        Function::ALL.iter().find(|(_, f)| *f == self).expect("ALL lists every function").0
    }

    /// Whether it takes any number of arguments; the others take one.
    pub(super) fn is_variadic(self) -> bool {
        matches!(self, Function::Min | Function::Max)
    }
}

impl Binary {
    /// The operator as written, and how tightly it binds (higher is tighter).
    pub(super) fn symbol(&self) -> (&'static str, u8) {
        match self {
            Binary::Or => ("||", 1),
            Binary::And => ("&&", 2),
            Binary::Eq => ("==", 3),
            Binary::Ne => ("!=", 3),
            Binary::Lt => ("<", 3),
            Binary::Le => ("<=", 3),
            Binary::Gt => (">", 3),
            Binary::Ge => (">=", 3),
            Binary::Add => ("+", 4),
            Binary::Sub => ("-", 4),
            Binary::Mul => ("*", 5),
            Binary::Div { .. } => ("/", 5),
            Binary::Rem { .. } => ("%", 5),
            Binary::Pow => ("^", 7),
        }
    }

    /// Whether `a + b + c` reads as one thing of three parts.
    fn chains(&self) -> bool {
        matches!(self, Binary::Add | Binary::Mul | Binary::And | Binary::Or)
    }

    /// Whether both sides are conditions; otherwise both are numbers.
    pub(super) fn takes_conditions(&self) -> bool {
        matches!(self, Binary::And | Binary::Or)
    }

    /// Whether the result is a condition.
    pub(super) fn gives_condition(&self) -> bool {
        self.symbol().1 <= 3
    }
}
