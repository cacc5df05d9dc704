//! Turns the functions that report a panic into traps, and with them whatever leads straight to
//! one.
//!
//! A panic of the client stops the program either way: it is built to abort, and it has no panic
//! hook, so that the message goes nowhere. Without this step every place that may panic carries
//! the arguments of a message that is shown nowhere: a format string, values, a file, line and
//! column. That code only computes arguments, so it becomes a trap as well. The split tool, which
//! runs next, then leaves out what nothing else refers to, such as the texts, and wasm-opt makes a
//! trap of one byte.
//!
//! The code keeps its length, because the split tool reads from the module where in the code
//! addresses are.
//!
//! The same is done to functions that Leptos keeps pointers to and the app never calls.
//!
//! Only the shipped modules are changed. A build for development and the browser tests keep
//! messages and places, which their console shows.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::ops::Range;

use wasm_encoder::{CustomSection, Encode as _, Module, RawSection};
use wasmparser::{
    BinaryReaderError, FunctionBody, KnownCustom, Operator, Parser, Payload, RelocSectionReader,
};

use crate::wasm::{Functions, function_names};

/// Functions of the standard library that report a panic and never return, as their symbols spell
/// them in both of rustc's manglings: each name follows its length. The first stands for all that
/// is in the module. Functions that do nothing but call one of them are found without a name.
const REPORTS: [&str; 6] = [
    "4core9panicking",
    "4core3str16slice_error_fail",
    "4core5slice5index16slice_index_fail",
    "5alloc5alloc18handle_alloc_error",
    "5alloc7raw_vec12handle_error",
    "5alloc7raw_vec17capacity_overflow",
];

/// Copies an attribute. Only attributes that are given to a component from outside are copied
/// (`<Component {..attributes}/>`, `attr:name=value`), and no component here is given any
/// (tests/tidy).
const ATTRIBUTE_COPY: &str = "IntoAnyAttribute$GT$13into_any_attr5clone";

const UNREACHABLE: u8 = 0x00;
const NOP: u8 = 0x01;

/// The section that lists where in the code addresses are.
const RELOCATIONS: &str = "reloc.CODE";

/// A module as the linker left it, with traps for everything that only reports a panic. A module
/// without names stays as it is.
///
/// # Errors
/// When it is not a module.
pub(super) fn trapped(module: &[u8]) -> Result<Vec<u8>, BinaryReaderError> {
    let names = function_names(module)?;
    let is_trap = |name: &str| reports_panic(name) || name.contains(ATTRIBUTE_COPY);
    let reports = names.into_iter().filter(|(_, name)| is_trap(name));
    let mut reports: BTreeSet<u32> = reports.map(|(index, _)| index).collect();
    // Each round may find functions that only call those of the round before.
    let traps = loop {
        let known = reports.len();
        let traps = find_traps(module, &mut reports)?;
        if reports.len() == known {
            break traps;
        }
    };
    let mut changed = module.to_vec();
    for trap in &traps {
        changed[trap.clone()].fill(NOP);
        changed[trap.start] = UNREACHABLE;
    }
    without_relocations(&changed, &traps)
}

/// The places in the module that become traps, in order. Adds the functions that only trap.
fn find_traps(
    module: &[u8],
    reports: &mut BTreeSet<u32>,
) -> Result<Vec<Range<usize>>, BinaryReaderError> {
    let mut index = Functions::read(module)?.imported;
    let mut traps = Vec::new();
    for payload in Parser::new(0).parse_all(module) {
        let Payload::CodeSectionEntry(body) = payload? else { continue };
        // All but the final `end`.
        let all = place(body.get_operators_reader()?.original_position()..body.range().end - 1);
        if reports.contains(&index) {
            traps.extend(Some(all).filter(|all| !all.is_empty()));
        } else {
            let found = traps_in(module, &body, reports)?;
            if found.first().is_some_and(|trap| trap.start == all.start) {
                reports.insert(index);
            }
            traps.extend(found);
        }
        index += 1;
    }
    Ok(traps)
}

/// The places in a function where arguments are computed for a report, each with the call.
fn traps_in(
    module: &[u8],
    body: &FunctionBody<'_>,
    reports: &BTreeSet<u32>,
) -> Result<Vec<Range<usize>>, BinaryReaderError> {
    let mut traps = Vec::new();
    let mut operators = body.get_operators_reader()?;
    let mut start = operators.original_position();
    while !operators.eof() {
        let at = operators.original_position();
        let operator = operators.read()?;
        let end = operators.original_position();
        let is_report = |function| reports.contains(&function);
        if matches!(operator, Operator::Call { function_index } if is_report(function_index)) {
            traps.push(place(start..end));
        } else if is_plain(module[place(at..end).start]) {
            continue;
        }
        start = end;
    }
    Ok(traps)
}

/// Whether an instruction with this first byte only computes, loads and stores: whether it was
/// done before a trap makes no difference.
const fn is_plain(opcode: u8) -> bool {
    matches!(opcode, NOP | 0x1a..=0x1b | 0x20..=0x24 | 0x28..=0xc4 | 0xfc)
}

/// The module without the relocations in these places of its code, which are in order.
fn without_relocations(
    module: &[u8],
    places: &[Range<usize>],
) -> Result<Vec<u8>, BinaryReaderError> {
    let mut output = Module::new();
    let mut code_start = 0;
    for payload in Parser::new(0).parse_all(module) {
        let payload = payload?;
        if let Payload::CodeSectionStart { range, .. } = &payload {
            code_start = range.start;
        }
        if let Payload::CustomSection(section) = &payload
            && section.name() == RELOCATIONS
            && let KnownCustom::Reloc(relocations) = section.as_known()
        {
            let is_kept = |offset: u32| {
                let at = place(code_start..code_start).start + offset as usize;
                let next = places.partition_point(|place| place.end <= at);
                places.get(next).is_none_or(|place| at < place.start)
            };
            let data = kept_relocations(module, &relocations, &is_kept)?;
            output.section(&CustomSection { name: RELOCATIONS.into(), data: Cow::Owned(data) });
        } else if let Some((id, range)) = payload.as_section() {
            output.section(&RawSection { id, data: &module[place(range)] });
        }
    }
    Ok(output.finish())
}

/// The contents of a relocation section, reduced to the relocations that are kept.
fn kept_relocations(
    module: &[u8],
    relocations: &RelocSectionReader<'_>,
    is_kept: &dyn Fn(u32) -> bool,
) -> Result<Vec<u8>, BinaryReaderError> {
    let (mut count, mut kept) = (0_u32, Vec::<u8>::new());
    let mut entries = relocations.entries().into_iter_with_offsets().peekable();
    while let Some(entry) = entries.next() {
        let (at, entry) = entry?;
        let end = match entries.peek() {
            Some(Ok((next, _))) => *next,
            Some(Err(_)) | None => relocations.range().end,
        };
        if is_kept(entry.offset) {
            count += 1;
            kept.extend(&module[place(at..end)]);
        }
    }
    let mut data = Vec::new();
    relocations.section_index().encode(&mut data);
    count.encode(&mut data);
    data.extend(kept);
    Ok(data)
}

/// A range of the module, which is in memory.
fn place<N: Into<u64>>(range: Range<N>) -> Range<usize> {
    let [start, end] = [range.start, range.end].map(|at| at.into() as usize);
    start..end
}

/// Whether a symbol is one of [`REPORTS`], itself or an instance of it. A symbol with one of them
/// further inside is something else, for example the code that drops it.
fn reports_panic(symbol: &str) -> bool {
    let path = match symbol.strip_prefix("_ZN") {
        Some(path) => path,
        // `_RNvNtCs5cOc02OMXlo_4core…`: kinds and a hash precede the name of the crate.
        None => match symbol.strip_prefix("_R").and_then(|rest| rest.split_once("Cs")) {
            Some((_, rest)) => rest.split_once('_').map_or("", |(_, path)| path),
            None => return false,
        },
    };
    REPORTS.iter().any(|report| path.starts_with(report))
}

#[cfg(test)]
mod tests {
    use wasm_encoder::{CodeSection, FunctionSection, NameMap, NameSection, TypeSection};

    use super::*;

    const PANIC: &str = "_RNvNtCsgXGp5Oqx2Ny_4core9panicking9panic_fmt";

    /// A module of functions without parameters, each with its name and its instructions, and with
    /// relocations at these offsets in the code section.
    fn module(functions: &[(&str, &[u8])], relocations: &[u8]) -> Vec<u8> {
        let mut types = TypeSection::new();
        types.ty().function([], []);
        let (mut declared, mut code) = (FunctionSection::new(), CodeSection::new());
        let mut names = NameMap::new();
        for (index, (name, instructions)) in (0..).zip(functions) {
            declared.function(0);
            code.raw(&[b"\0", *instructions, b"\x0b"].concat());
            names.append(index, name);
        }
        let mut section = NameSection::new();
        section.functions(&names);
        let mut data = vec![2, relocations.len() as u8];
        // The address of symbol 7 without an addend.
        relocations.iter().for_each(|offset| data.extend([4, *offset, 7, 0]));
        let relocations = CustomSection { name: RELOCATIONS.into(), data: data.into() };
        let mut module = Module::new();
        module.section(&types).section(&declared).section(&code);
        module.section(&relocations).section(&section);
        module.finish()
    }

    #[test]
    fn reports_become_traps_of_the_same_length() {
        let before = module(&[("keep", b"\x01\x01"), (PANIC, b"\x01\x01\x01")], &[]);
        let after = module(&[("keep", b"\x01\x01"), (PANIC, b"\x00\x01\x01")], &[]);
        let trapped = trapped(&before).unwrap();
        assert_eq!(trapped, after);
        wasmparser::validate(&trapped).unwrap();
    }

    #[test]
    fn arguments_of_a_report_are_not_computed_and_what_may_return_is() {
        // A block, and in it: 5, drop, call of the report, unreachable.
        let body = b"\x02\x40\x41\x05\x1a\x10\x00\x00\x0b";
        let trapped_body = b"\x02\x40\x00\x01\x01\x01\x01\x00\x0b";
        // 5, drop, return.
        let other = b"\x41\x05\x1a\x0f";
        // Relocations of each 5. The offsets count the number of functions, 1 byte, and before each
        // function its length and its number of locals, 1 byte each.
        let (in_body, in_other) = (10, 20);
        let before = [(PANIC, &b"\x01"[..]), ("body", body), ("other", other)];
        let before = module(&before, &[in_body, in_other]);
        let after = [(PANIC, &b"\x00"[..]), ("body", trapped_body), ("other", other)];
        let after = module(&after, &[in_other]);
        let trapped = trapped(&before).unwrap();
        assert_eq!(trapped, after);
        wasmparser::validate(&trapped).unwrap();
    }

    #[test]
    fn function_that_only_calls_a_report_is_one() {
        // Each calls the one before it.
        let before =
            module(&[("outer", b"\x10\x01"), ("inner", b"\x10\x02"), (PANIC, b"\x01")], &[]);
        let after =
            module(&[("outer", b"\x00\x01"), ("inner", b"\x00\x01"), (PANIC, b"\x00")], &[]);
        assert_eq!(trapped(&before).unwrap(), after);
    }

    #[test]
    fn copies_of_attributes_become_traps() {
        let name = "_ZN78_$LT$T$u20$as$u20$tachys..html..attribute..any_attribute..\
                    IntoAnyAttribute$GT$13into_any_attr5clone17h14c81bd211d07175E";
        let before = module(&[(name, b"\x01\x01")], &[]);
        assert_eq!(trapped(&before).unwrap(), module(&[(name, b"\x00\x01")], &[]));
    }

    #[test]
    fn reports_are_known_by_their_symbols() {
        for symbol in [
            PANIC,
            "_RNvNtCs5cOc02OMXlo_5alloc5alloc18handle_alloc_error",
            "_RINvNtCsgXGp5Oqx2Ny_4core9panicking13assert_failedjjEB4_",
            "_RNvNtNtCsgXGp5Oqx2Ny_4core9panicking11panic_const23panic_const_div_by_zero",
            "_ZN4core9panicking13panic_display17h4165c3e9dea961daE",
        ] {
            assert!(reports_panic(symbol), "{symbol}");
        }
        for symbol in [
            "_RNvNtNtCsebHcaeoSrxy_3std9panicking11panic_count17is_zero_slow_path",
            "_ZN4core3ptr42drop_in_place$LT$core..panicking..Any$GT$17h00ea71c701bbc26eE",
            "_ZN4core6option15Option$LT$T$GT$6expect17h42a2fc8c4934c3dbE",
            "_RNvNtCs5cOc02OMXlo_3app4core9panicking",
            "core::panicking::panic_fmt",
            "",
        ] {
            assert!(!reports_panic(symbol), "{symbol}");
        }
    }

    #[test]
    fn broken_module_is_refused() {
        assert!(trapped(b"\0asm").is_err());
        assert!(trapped(b"").is_err());
    }
}
