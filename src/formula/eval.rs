//! Tree → value. Missing spreads with its reason; what doesn't fit a finite number is missing.
//!
//! There is no other evaluator: who wants to see more than the result looks on as a [`Witness`].

use super::expr::{Binary, Expr, Function};
use super::value::{Reason, Value};
use crate::text::Name;

/// A number, or a condition as 1 and 0, or why there is none.
pub(super) type Computed = Result<f64, Reason>;

/// Gives a computation its inputs, and is told of every part that was computed.
pub(super) trait Witness {
    fn input(&mut self, index: usize) -> Value;

    fn computed(&mut self, _part: &Expr, _value: &Computed) {}
}

impl<F: FnMut(usize) -> Value> Witness for F {
    fn input(&mut self, index: usize) -> Value {
        self(index)
    }
}

/// What a computation gives, for all to see.
pub(super) fn value(computed: Computed) -> Value {
    match computed {
        // Zero has no sign: -0 would be shown, and stored, as another number.
        Ok(number) => Value::Number(number + 0.0),
        Err(reason) => Value::Missing(reason),
    }
}

impl Expr {
    pub(super) fn eval(&self, witness: &mut impl Witness) -> Value {
        value(self.compute(witness))
    }

    fn compute(&self, witness: &mut impl Witness) -> Computed {
        let computed = self.step(witness);
        witness.computed(self, &computed);
        computed
    }

    fn step(&self, witness: &mut impl Witness) -> Computed {
        match self {
            Expr::Number(number) => Ok(*number),
            Expr::Input(index) => match witness.input(*index) {
                Value::Number(number) => Ok(number),
                Value::Missing(reason) => Err(reason),
            },
            Expr::Neg(inner) => Ok(-inner.compute(witness)?),
            Expr::Not(inner) => Ok(truth(inner.compute(witness)? == 0.0)),
            Expr::Binary(Binary::And, left, right) => match left.compute(witness)? {
                0.0 => Ok(0.0),
                _ => right.compute(witness),
            },
            Expr::Binary(Binary::Or, left, right) => match left.compute(witness)? {
                0.0 => right.compute(witness),
                _ => Ok(1.0),
            },
            Expr::Binary(op, left, right) => binary(op, left.compute(witness)?, right.compute(witness)?),
            Expr::If(parts) => {
                let [condition, then, otherwise] = &**parts;
                if condition.compute(witness)? == 0.0 { otherwise.compute(witness) } else { then.compute(witness) }
            }
            Expr::Coalesce(choices) => {
                let (last, firsts) = choices.split_last().expect("a call has an argument");
                match firsts.iter().find_map(|choice| choice.compute(witness).ok()) {
                    Some(number) => Ok(number),
                    None => last.compute(witness),
                }
            }
            Expr::Call(function, arguments) => call(*function, arguments, witness),
        }
    }
}

fn truth(condition: bool) -> f64 {
    f64::from(u8::from(condition))
}

fn finite(number: f64, what: impl FnOnce() -> Name) -> Computed {
    if number.is_finite() { Ok(number) } else { Err(Reason::Overflow { what: what() }) }
}

/// A number as a reason shows it: without the 300 digits of 1e300.
fn brief(x: f64) -> String {
    if x == 0.0 || (1e-6..1e15).contains(&x.abs()) { x.to_string() } else { format!("{x:e}") }
}

fn binary(op: &Binary, a: f64, b: f64) -> Computed {
    let shown = || -> Name { format!("{} {} {}", brief(a), op.symbol().0, brief(b)).into() };
    match op {
        Binary::Div { by } | Binary::Rem { by } if b == 0.0 => Err(Reason::DivisionByZero { what: by.clone() }),
        Binary::Pow if a == 0.0 && b < 0.0 => Err(Reason::Domain { what: shown() }),
        Binary::Pow if a < 0.0 && b.fract() != 0.0 => Err(Reason::Domain { what: shown() }),
        Binary::Add => finite(a + b, shown),
        Binary::Sub => finite(a - b, shown),
        Binary::Mul => finite(a * b, shown),
        Binary::Div { .. } => finite(a / b, shown),
        Binary::Rem { .. } => finite(a % b, shown),
        Binary::Pow => finite(a.powf(b), shown),
        Binary::Eq => Ok(truth(a == b)),
        Binary::Ne => Ok(truth(a != b)),
        Binary::Lt => Ok(truth(a < b)),
        Binary::Le => Ok(truth(a <= b)),
        Binary::Gt => Ok(truth(a > b)),
        Binary::Ge => Ok(truth(a >= b)),
        Binary::And | Binary::Or => unreachable!("lazy, computed before both sides are"),
    }
}

fn call(function: Function, arguments: &[Expr], witness: &mut impl Witness) -> Computed {
    let mut numbers = arguments.iter().map(|argument| argument.compute(witness));
    let x = numbers.next().expect("a call has an argument")?;
    let shown = || -> Name { format!("{}({})", function.name(), brief(x)).into() };
    match function {
        Function::Min => numbers.try_fold(x, |least, y| Ok(least.min(y?))),
        Function::Max => numbers.try_fold(x, |most, y| Ok(most.max(y?))),
        Function::Abs => Ok(x.abs()),
        Function::Round => Ok(x.round()),
        Function::Floor => Ok(x.floor()),
        Function::Ceil => Ok(x.ceil()),
        Function::Sqrt if x < 0.0 => Err(Reason::Domain { what: shown() }),
        Function::Ln if x <= 0.0 => Err(Reason::Domain { what: shown() }),
        Function::Sqrt => Ok(x.sqrt()),
        Function::Ln => Ok(x.ln()),
        Function::Exp => finite(x.exp(), shown),
    }
}

#[cfg(test)]
mod tests {
    use crate::formula::{Formula, Reason, Value};

    /// `a.x` = 7, `a.zero` = 0, `a.none` is missing, `a.big` = 1e308.
    fn eval(text: &str) -> Value {
        let formula = Formula::parse(text).unwrap_or_else(|e| panic!("{text}: {e}"));
        formula.eval(|i| match formula.inputs()[i].reference.to_string().as_str() {
            "a.x" => Value::Number(7.0),
            "a.zero" => Value::Number(0.0),
            "a.big" => Value::Number(1e308),
            what => Value::Missing(Reason::Null { what: what.into() }),
        })
    }

    fn check(text: &str, expected: f64) {
        assert_eq!(eval(text), Value::Number(expected), "{text}");
    }

    fn check_missing(text: &str, expected: &str) {
        let value = eval(text);
        assert_eq!(value.reason().map(ToString::to_string).as_deref(), Some(expected), "{text}");
    }

    #[test]
    fn arithmetic_is_of_64_bit_floats() {
        check("1/2", 0.5);
        check("7 % 4", 3.0);
        check("-2 ^ 2", -4.0);
        check("2 ^ -1", 0.5);
        check("8 - 2 - 1", 5.0);
        check("8 / 2 / 2", 2.0);
        check("1 + 2 * 3 ^ 2", 19.0);
        check("a.x * -1", -7.0);
        check("a.x - -1", 8.0);
        check("1_000 + 1e-3", 1000.001);
        check("0.1 + 0.2", 0.1 + 0.2);
        check("9223372036854775807 + 1", 9_223_372_036_854_775_808.0);
    }

    #[test]
    fn zero_has_no_sign() {
        for text in ["-a.zero", "round(-0.3)", "a.zero * -1"] {
            assert_eq!(eval(text).number().map(|zero| zero.to_string()).as_deref(), Some("0"), "{text}");
        }
    }

    #[test]
    fn functions_compute_what_they_say() {
        check("min(3, a.x, 5)", 3.0);
        check("max(1e300, 2e300)", 2e300);
        check("abs(-1) + round(2.5) + floor(-0.5) + ceil(0.2) + sqrt(9)", 1.0 + 3.0 - 1.0 + 1.0 + 3.0);
        check("ln(exp(1))", 1.0);
        check("if(a.x > 5 && a.x <= 7, 1, 2)", 1.0);
        check("if(!(a.x == 7) || 1 > 2, 1, 2)", 2.0);
        check("if(a.x != 7, 1, if(a.x >= 7, 3, 4))", 3.0);
    }

    #[test]
    fn branches_not_taken_are_not_computed() {
        check("if(a.zero > 0, a.x / a.zero, -1)", -1.0);
        check("if(a.zero > 0 && a.x / a.zero > 1, 1, 2)", 2.0);
        check("if(a.x > 0 || a.none > 1, 1, 2)", 1.0);
        check("coalesce(a.x, a.none)", 7.0);
    }

    #[test]
    fn missing_spreads_with_its_reason() {
        check_missing("1 + a.none * 0", "a.none is NULL");
        check_missing("a.x / a.zero", "a.zero = 0");
        check_missing("a.x / (a.zero * 2)", "a.zero * 2 = 0");
        check_missing("a.x % a.zero", "a.zero = 0");
        check_missing("a.big * 10", "1e308 * 10 is too large");
        check_missing("exp(1000)", "exp(1000) is too large");
        check_missing("sqrt(-1)", "sqrt(-1) is not defined");
        check_missing("ln(a.zero)", "ln(0) is not defined");
        check_missing("(-8) ^ (1/3)", "-8 ^ 0.3333333333333333 is not defined");
        check_missing("if(a.none > 1, 1, 2)", "a.none is NULL");
        check_missing("min(1, a.none)", "a.none is NULL");
        check_missing("coalesce(a.none, a.x / a.zero)", "a.zero = 0");
        check("coalesce(a.none, a.x / a.zero, 5)", 5.0);
    }
}
