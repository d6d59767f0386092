//! Tokens → tree, with evalexpr as the parser of precedence.
//!
//! evalexpr is given the formula with every operand and function replaced by `t<position of its token>`. Its tree then leads
//! back to our tokens, places included.

use super::expr::{Binary, Expr, Function};
use super::lexer::{Kind, Token, error, tokens};
use super::{FUNCTIONS, Formula, FormulaError, Input, Leaf, Reference, Shift, print};
use crate::text::Name;
use evalexpr::{Node, Operator};
use std::collections::HashMap;
use std::ops::Range;

pub(super) fn parse(text: &str) -> Result<Formula, FormulaError> {
    let tokens = tokens(text)?;
    let source: Vec<String> = tokens
        .iter()
        .enumerate()
        .map(|(i, token)| match token.kind {
            Kind::Number(_) | Kind::Name | Kind::Function => format!("t{i}"),
            _ => text[token.span.clone()].to_owned(),
        })
        .collect();
    let tree = evalexpr::build_operator_tree(&source.join(" "))
        .map_err(|e| error(format!("not a formula: {e}"), 0..text.len(), None))?;
    let mut lowering =
        Lowering { text, tokens: &tokens, inputs: Vec::new(), index: HashMap::new(), leaves: Vec::new() };
    let root = lowering.lower(&tree, Shift::default())?;
    lowering.expect(&root, Type::Number)?;
    let Lowering { inputs, mut leaves, .. } = lowering;
    leaves.sort_by_key(|leaf| leaf.span.start);
    Ok(Formula { text: text.into(), root: root.expr, inputs, leaves })
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Type {
    Number,
    Condition,
}

/// A subtree, its type, and the text it covers.
struct Lowered {
    expr: Expr,
    ty: Type,
    span: Range<usize>,
}

struct Lowering<'a> {
    text: &'a str,
    tokens: &'a [Token],
    inputs: Vec<Input>,
    index: HashMap<Input, usize>,
    leaves: Vec<Leaf>,
}

impl Lowering<'_> {
    fn lower(&mut self, node: &Node, shift: Shift) -> Result<Lowered, FormulaError> {
        match (node.operator(), node.children()) {
            (Operator::RootNode, [inner]) => self.lower(inner, shift),
            (Operator::VariableIdentifierRead { identifier }, []) => Ok(self.operand(identifier, shift)),
            (Operator::FunctionIdentifier { identifier }, [arguments]) => self.call(identifier, arguments, shift),
            (Operator::Neg, [inner]) => self.unary(inner, shift, Type::Number, Expr::Neg),
            (Operator::Not, [inner]) => self.unary(inner, shift, Type::Condition, Expr::Not),
            (operator, [left, right]) => self.binary(operator, left, right, shift),
            // The lexer lets no other shape through.
            (operator, _) => Err(error(format!("`{operator}` can't stand in a formula"), 0..self.text.len(), None)),
        }
    }

    fn token(&self, identifier: &str) -> Token {
        let index: usize = identifier[1..].parse().expect("evalexpr was only given t<index>");
        self.tokens[index].clone()
    }

    fn operand(&mut self, identifier: &str, shift: Shift) -> Lowered {
        let token = self.token(identifier);
        let span = token.span;
        if let Kind::Number(number) = token.kind {
            return Lowered { expr: Expr::Number(number), ty: Type::Number, span };
        }
        let name = &self.text[span.clone()];
        let reference = match name.split_once('.') {
            Some((source, measure)) => Reference::Measure { source: source.into(), measure: measure.into() },
            None => Reference::Kpi(name.into()),
        };
        self.leaves.push(Leaf { reference: reference.clone(), shift, span: span.clone() });
        let input = Input { reference, shift };
        let next = self.inputs.len();
        let index = *self.index.entry(input.clone()).or_insert(next);
        if index == next {
            self.inputs.push(input);
        }
        Lowered { expr: Expr::Input(index), ty: Type::Number, span }
    }

    fn unary(
        &mut self,
        inner: &Node,
        shift: Shift,
        ty: Type,
        wrap: fn(Box<Expr>) -> Expr,
    ) -> Result<Lowered, FormulaError> {
        let inner = self.lower(inner, shift)?;
        self.expect(&inner, ty)?;
        // The sign stands somewhere before the operand; only the operand's place is needed for messages.
        Ok(Lowered { expr: wrap(Box::new(inner.expr)), ty, span: inner.span })
    }

    fn binary(&mut self, op: &Operator, left: &Node, right: &Node, shift: Shift) -> Result<Lowered, FormulaError> {
        let chained = left.operator() == op && matches!(op, Operator::Exp);
        let (left, right) = (self.lower(left, shift)?, self.lower(right, shift)?);
        let span = left.span.start..right.span.end;
        if chained {
            let help = Some("write (a ^ b) ^ c or a ^ (b ^ c)");
            return Err(error("a chain of `^` can be read in two ways", span, help));
        }
        let by = || -> Name { print::normal(&right.expr, &self.inputs).into() };
        let op = match op {
            Operator::Add => Binary::Add,
            Operator::Sub => Binary::Sub,
            Operator::Mul => Binary::Mul,
            Operator::Div => Binary::Div { by: by() },
            Operator::Mod => Binary::Rem { by: by() },
            Operator::Exp => Binary::Pow,
            Operator::Eq => Binary::Eq,
            Operator::Neq => Binary::Ne,
            Operator::Lt => Binary::Lt,
            Operator::Leq => Binary::Le,
            Operator::Gt => Binary::Gt,
            Operator::Geq => Binary::Ge,
            Operator::And => Binary::And,
            Operator::Or => Binary::Or,
            other => return Err(error(format!("`{other}` can't stand in a formula"), span, None)),
        };
        let sides = if op.takes_conditions() { Type::Condition } else { Type::Number };
        self.expect(&left, sides)?;
        self.expect(&right, sides)?;
        let ty = if op.gives_condition() { Type::Condition } else { Type::Number };
        Ok(Lowered { expr: Expr::Binary(op, Box::new(left.expr), Box::new(right.expr)), ty, span })
    }

    fn call(&mut self, identifier: &str, arguments: &Node, shift: Shift) -> Result<Lowered, FormulaError> {
        let token = self.token(identifier);
        let name = &self.text[token.span.clone()];
        let arguments = arguments_of(arguments);
        let shift = match name {
            "previous" => Shift { previous: shift.previous + 1, ..shift },
            "year_ago" => Shift { year_ago: shift.year_ago + 1, ..shift },
            "total" => Shift { total: true, ..shift },
            _ => shift,
        };
        let arguments: Vec<Lowered> =
            arguments.into_iter().map(|node| self.lower(node, shift)).collect::<Result<_, _>>()?;
        let span = token.span.start..self.closing(&token);
        let count = |wanted: usize, usage: &str| self.count(&token, arguments.len(), wanted, usage);
        match name {
            "previous" | "year_ago" | "total" => {
                count(1, "(x)")?;
                let [inner]: [Lowered; 1] = arguments.try_into().ok().expect("counted");
                Ok(Lowered { span, ..inner })
            }
            "if" => {
                count(3, "(condition, then, else)")?;
                let [condition, then, otherwise]: [Lowered; 3] = arguments.try_into().ok().expect("counted");
                self.expect(&condition, Type::Condition)?;
                self.expect(&otherwise, then.ty)?;
                let branches = Box::new([condition.expr, then.expr, otherwise.expr]);
                Ok(Lowered { expr: Expr::If(branches), ty: then.ty, span })
            }
            "coalesce" => {
                let expr = Expr::Coalesce(self.numbers(arguments)?);
                Ok(Lowered { expr, ty: Type::Number, span })
            }
            _ => {
                let function = self.function(&token)?;
                if !function.is_variadic() {
                    count(1, "(x)")?;
                }
                let expr = Expr::Call(function, self.numbers(arguments)?);
                Ok(Lowered { expr, ty: Type::Number, span })
            }
        }
    }

    fn function(&self, token: &Token) -> Result<Function, FormulaError> {
        let name = &self.text[token.span.clone()];
        if let Some((_, function)) = Function::ALL.iter().find(|(known, _)| *known == name) {
            return Ok(*function);
        }
        let known = || FUNCTIONS.iter().filter_map(|(usage, _)| usage.split('(').next());
        let near = known()
            .min_by_key(|k| strsim::damerau_levenshtein(k, name))
            .filter(|k| strsim::damerau_levenshtein(k, name) <= 1 + k.len() / 4);
        let aggregate = ["sum", "count", "avg"].iter().any(|sql| name.eq_ignore_ascii_case(sql));
        let help = match near {
            _ if aggregate => "a measure of a source is added up already: `leads.created`".to_owned(),
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("functions are {}", known().collect::<Vec<_>>().join(", ")),
        };
        Err(error(format!("there is no function `{name}`"), token.span.clone(), Some(&help)))
    }

    fn count(&self, token: &Token, given: usize, wanted: usize, usage: &str) -> Result<(), FormulaError> {
        if given == wanted {
            return Ok(());
        }
        let name = &self.text[token.span.clone()];
        let noun = if wanted == 1 { "value" } else { "values" };
        let message = format!("`{name}` takes {wanted} {noun}, not {given}");
        Err(error(message, token.span.clone(), Some(&format!("write {name}{usage}"))))
    }

    fn numbers(&self, arguments: Vec<Lowered>) -> Result<Vec<Expr>, FormulaError> {
        arguments.into_iter().map(|argument| self.expect(&argument, Type::Number).map(|()| argument.expr)).collect()
    }

    fn expect(&self, lowered: &Lowered, ty: Type) -> Result<(), FormulaError> {
        if lowered.ty == ty {
            return Ok(());
        }
        let text = &self.text[lowered.span.clone()];
        Err(match ty {
            Type::Number => error(
                format!("`{text}` is a condition where a number should stand"),
                lowered.span.clone(),
                Some("write if(condition, 1, 0) to count it"),
            ),
            Type::Condition => error(
                format!("`{text}` is a number where a condition should stand"),
                lowered.span.clone(),
                Some("compare it, e.g. x > 0"),
            ),
        })
    }

    /// Where the call that begins at `function` ends: behind its closing parenthesis.
    fn closing(&self, function: &Token) -> usize {
        let mut depth = 0;
        for token in self.tokens.iter().skip_while(|token| token.span.start <= function.span.start) {
            match token.kind {
                Kind::Open => depth += 1,
                Kind::Close if depth == 1 => return token.span.end,
                Kind::Close => depth -= 1,
                _ => {}
            }
        }
        unreachable!("the lexer saw every parenthesis closed")
    }
}

/// evalexpr wraps what stands in parentheses in a root, and two or more arguments in a tuple.
fn arguments_of(node: &Node) -> Vec<&Node> {
    match (node.operator(), node.children()) {
        (Operator::RootNode, [inner]) if *inner.operator() == Operator::Tuple => inner.children().iter().collect(),
        (Operator::RootNode, [inner]) => vec![inner],
        _ => vec![node],
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check_error(text: &str, place: &str, message: &str) {
        let error = Formula::parse(text).expect_err(text);
        assert_eq!((&text[error.span.clone()], error.message.as_str()), (place, message), "{text}");
    }

    #[test]
    fn every_function_is_told_as_it_is_written() {
        FUNCTIONS.iter().for_each(|(usage, _)| assert!(Formula::parse(usage).is_ok(), "{usage}"));
        let told = |name: &str| FUNCTIONS.iter().any(|(usage, _)| usage.split('(').next() == Some(name));
        assert!(Function::ALL.iter().all(|(name, _)| told(name)));
    }

    #[test]
    fn broken_formulas_name_the_place_and_the_fault() {
        check_error("", "", "the formula is empty");
        check_error("1 +", "+", "a value is missing after `+`");
        check_error("1 + * 2", "*", "a value is missing before `*`");
        check_error("a.b c.d", "c.d", "an operator is missing before `c.d`");
        check_error("2 ** 3", "*", "a value is missing before `*`");
        check_error("(a.b + 1", "(", "this `(` is never closed");
        check_error("a.b) + 1", ")", "this `)` closes nothing");
        check_error("f()", ")", "a value is missing before `)`");
        check_error("a.b(1)", "a.b", "there is no function `a.b`");
        check_error("(1, 2)", ",", "a comma can't stand here");
        check_error("1,5", ",", "a comma can't stand here");
        check_error("a = 5", "=", "`=` can't stand in a formula");
        check_error("1; 2", ";", "`;` can't stand in a formula");
        check_error("\"a\"", "\"", "`\"` can't stand in a formula");
        check_error("a & b", "&", "`&` can't stand in a formula");
        check_error("a ÷ b", "÷", "`÷` can't stand in a formula");
        check_error("nan", "nan", "`nan` can't stand in a formula");
        check_error("Inf + 1", "Inf", "`Inf` can't stand in a formula");
        check_error("0x1F", "0x1F", "`0x1F` is not a number");
        check_error("1e999", "1e999", "`1e999` is not a number");
        check_error(".5", ".5", "`.5` is not a number");
        check_error("1.a", "1.a", "`1.a` is not a number");
        check_error("a..b", "a..b", "`a..b` is not a name");
        check_error("a.b.c", "a.b.c", "`a.b.c` is not a name");
        check_error("a // b", "//", "a formula has no comments");
        check_error("math::sqrt(2)", ":", "`:` can't stand in a formula");
        check_error("mni(1, 2)", "mni", "there is no function `mni`");
        check_error("sqrt(1, 2)", "sqrt", "`sqrt` takes 1 value, not 2");
        check_error("if(a.b > 0, 1)", "if", "`if` takes 3 values, not 2");
        check_error("if(a.b, 1, 2)", "a.b", "`a.b` is a number where a condition should stand");
        check_error("a.b > 0", "a.b > 0", "`a.b > 0` is a condition where a number should stand");
        check_error("1 < 2 < 3", "1 < 2", "`1 < 2` is a condition where a number should stand");
        check_error("2 ^ 3 ^ 2", "2 ^ 3 ^ 2", "a chain of `^` can be read in two ways");
        check_error(&"(".repeat(100_000), &"(".repeat(4096), "the formula is longer than 4096 bytes");
        check_error(&"-".repeat(2_000), "-", "the formula is too long or too deep");
    }

    #[test]
    fn a_near_miss_of_a_function_is_suggested() {
        let help = |text| Formula::parse(text).expect_err(text).help;
        assert_eq!(help("previus(a.b)").as_deref(), Some("did you mean `previous`?"));
        assert!(help("median(a.b)").expect("help").starts_with("functions are if, coalesce, previous"));
    }

    #[test]
    fn leaves_carry_their_shift_and_place() {
        let formula = Formula::parse("ventas.año / previous(total(ventas.año) + previous(mql)) - year_ago(ventas.año)");
        let formula = formula.expect("a formula");
        let shown: Vec<String> = formula.inputs().iter().map(Input::to_string).collect();
        assert_eq!(
            shown,
            ["ventas.año", "previous(total(ventas.año))", "previous(previous(mql))", "year_ago(ventas.año)"]
        );
        let places: Vec<&str> = formula.leaves().iter().map(|leaf| &formula.text[leaf.span.clone()]).collect();
        assert_eq!(places, ["ventas.año", "ventas.año", "mql", "ventas.año"]);
    }

    fn number() -> impl Strategy<Value = String> {
        prop_oneof![(0u32..1000).prop_map(|n| n.to_string()), Just("0.5".to_owned()), Just("1e-3".to_owned())]
    }

    /// Random formulas, as text with every kind of expression.
    pub fn formula() -> impl Strategy<Value = String> {
        let leaf = prop_oneof![number(), Just("a.x".to_owned()), Just("b.y".to_owned()), Just("kpi".to_owned())];
        leaf.prop_recursive(5, 40, 3, |inner| {
            let op = prop::sample::select(vec!["+", "-", "*", "/", "%"]);
            let comparison = prop::sample::select(vec!["==", "!=", "<", "<=", ">", ">="]);
            prop_oneof![
                (inner.clone(), op, inner.clone()).prop_map(|(a, op, b)| format!("({a} {op} {b})")),
                (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("{a} - ({b}) ^ (2)")),
                inner.clone().prop_map(|a| format!("-({a})")),
                inner.clone().prop_map(|a| format!("previous({a})")),
                inner.clone().prop_map(|a| format!("total({a})")),
                (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("coalesce({a}, {b}, 0)")),
                (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("min({a}, {b})")),
                (inner.clone(), inner.clone()).prop_map(|(a, b)| format!(
                    "if(({a} > 1 || {b} > 2) && !({a} < 0 && ({b} < 0 && {a} < {b})), {b}, {a})"
                )),
                (inner.clone(), comparison, inner.clone(), inner)
                    .prop_map(|(a, op, b, c)| format!("if(!({a} {op} {b}) && {b} > 0 || {c} < 1, {b}, {c})")),
            ]
        })
    }

    proptest! {
        #[test]
        fn a_formula_printed_and_parsed_again_is_the_same(text in formula()) {
            let Ok(formula) = Formula::parse(&text) else { return Ok(()) };
            let printed = formula.to_string();
            let again = Formula::parse(&printed).map_err(|e| TestCaseError::fail(format!("{printed}: {e}")))?;
            prop_assert_eq!(&formula, &again, "{} printed {}", text, printed);
            prop_assert_eq!(again.to_string(), printed);
        }

        /// Words that formulas know prove the brackets: none is missing.
        #[test]
        fn a_formula_in_words_means_the_same(text in formula()) {
            let Ok(formula) = Formula::parse(&text) else { return Ok(()) };
            let words = |name: &str, parts: &[String]| match name {
                "and" => parts.join(" && "),
                "or" => parts.join(" || "),
                "not" => format!("!({})", parts[0]),
                name => format!("{name}({})", parts.join(", ")),
            };
            let said = formula.in_words(Input::to_string, |number| number.to_string(), words);
            let plain = [("−", "-"), ("×", "*"), ("÷", "/"), ("≤", "<="), ("≥", ">="), (" = ", " == "), ("≠", "!=")];
            let typed = plain.iter().fold(said.clone(), |text, (sign, typed)| text.replace(sign, typed));
            // Words take more brackets than signs, and may take one formula over the limit that the other keeps.
            let again = match Formula::parse(&typed) {
                Err(error) if error.to_string().contains("too long or too deep") => return Ok(()),
                parsed => parsed.map_err(|e| TestCaseError::fail(format!("{said}: {e}")))?,
            };
            prop_assert_eq!(&formula, &again, "{} said {}", text, said);
        }

        #[test]
        fn no_text_makes_the_parser_panic(text in r#"[-a-c0-9.,+*/%^()!<>=&|;"'\ eñ€:_$\[\]]{0,60}"#) {
            if let Err(error) = Formula::parse(&text) {
                prop_assert!(text.get(error.span).is_some(), "the place lies in the text");
            }
        }

        #[test]
        fn tokens_in_any_order_never_panic(tokens in prop::collection::vec(
            prop::sample::select(vec!["if(", "min(", "previous(", ")", "(", ",", "a.x", "k", "1", "-", "!", "+", "/", "<", "&&", "^"]), 0..40)
        ) {
            let text = tokens.join(" ");
            if let Ok(formula) = Formula::parse(&text) {
                formula.eval(|_| crate::formula::Value::Number(2.0));
            }
        }
    }
}
