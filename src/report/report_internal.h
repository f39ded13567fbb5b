/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later
*/

#ifndef CAUSTIC_REPORT_INTERNAL_H
#define CAUSTIC_REPORT_INTERNAL_H

#include <caustic/audit.h>
#include <caustic/report.h>
#include <caustic/equations.h>
#include <caustic/reduction.h>
#include <caustic/shock.h>

/* Cells of branch and bound for one shock time. */
#define SHOCK_BOX_LIMIT 200000

/* {"case", "architecture"}: how every record begins. */
json_t * record_new(const caustic_case_t problem);
/* Sets "verdict", and "expected" and "as_expected" where the case expects an outcome of the command. */
void record_conclude(json_t * record, caustic_verdict verdict, const caustic_case_t problem, caustic_command command);

/* A reduction that is not proved has no quotient to speak of: 1 if it is; otherwise 0, with the
   verdict set and the record's "detail" naming the first check that failed. */
int record_reduction(json_t * record, caustic_verdict * verdict, const caustic_reduction_t reduction);

/* Whether the case claims something about cometric, drift or equations; and the verdicts on it. */
int has_claims(const caustic_case_t problem);
void check_claims(caustic_checks_t checks, const caustic_case_t problem, caustic_reduction_t reduction,
    const caustic_equations_t equations);

/* A global shock time that was found for the case: sets "shock", "time", "at", "claim" and the like. The characteristics must
   live until then: asked of the reduction; NULL where it is known. */
caustic_verdict record_shock(json_t * record, caustic_shock_result_t shock, const caustic_case_t problem,
    const caustic_reduction_struct * reduction, const caustic_run_options * options);

/* Theorems for all values of the case's parameters_on: sets "theorem". PROVED where there are none. */
caustic_verdict record_theorem(json_t * record, const caustic_case_t problem);

json_t * json_verdict(caustic_verdict verdict);
json_t * json_expr(const caustic_pool * pool, caustic_expr e);
json_t * json_expr_matrix(const caustic_pool * pool, const caustic_expr * entries, slong rows, slong columns);
json_t * json_fmpq(const fmpq_t x);
json_t * json_expr_vector(const caustic_pool * pool, const caustic_expr * entries, slong length);
json_t * json_checks(const caustic_checks_t checks);
/* {"lower", "upper"}, decimals rounded outward. */
void json_set_bounds(json_t * object, const arb_t ball, slong digits);

/* {"hamilton_jacobi", "burgers"} of a cometric, without viscosity. */
json_t * json_inviscid(caustic_pool * pool, const caustic_expr * coordinate, slong d, const caustic_expr * cometric);
/* The equations and shock times of the quotient and of training, as far as each is known: see docs/commands.md. */
json_t * json_geometries(const caustic_case_t problem, const caustic_reduction_t reduction, const caustic_audit_t audit,
    const caustic_run_options * options);

/* Which claim rests on what, from the invariance of the loss to the shock. */
json_t * json_chain(const caustic_reduction_t reduction, const caustic_audit_t audit, const json_t * geometries);

/* Bounds are printed with a few digits more than asked for, so that rounding outward does not cost
   the width that was promised. */
#define EXTRA_DIGITS 6

/* A ball as text, to so many digits. */
json_t * json_ball(const arb_t ball, slong digits);
/* One of the ways to a shock time: {"name", "lower", "upper", "detail"}, the bounds only where the time is known. */
void append_route(json_t * routes, const char * name, const arb_t time, int known, const char * detail, slong digits);

/* Adds "agreement": whether the enclosures that two routes found overlap, and to how many digits they are known to agree. */
void set_agreement(json_t * record, const arb_t first, const arb_t second, slong digits);
/* Whether every characteristic on the quotient lives for all times. */
int quotient_is_complete(const caustic_reduction_t reduction);
/* The record of a ray: fills it, and gives the verdict. */
caustic_verdict ray_shock(json_t * record, const caustic_case_t problem, const caustic_reduction_t reduction,
    const caustic_run_options * options);

/* The text at a key, "" where there is none. */
const char * text_of(const json_t * object, const char * key);

/* Lines of a record's text: a label and what it names; what is longer is broken. */
void write_label(caustic_text_t out, const char * label);
void write_line(caustic_text_t out, const char * label, const char * text);
void write_remark(caustic_text_t out, const char * label, const char * text);

/* One record's text, and the whole table's. */
void write_derive_text(caustic_text_t out, const json_t * record, int color);
void write_audit_text(caustic_text_t out, const json_t * record, int color);
void write_verify_text(caustic_text_t out, const json_t * record, int color);
void write_shock_text(caustic_text_t out, const json_t * record, int color);
void write_sweep_text(caustic_text_t out, const json_t * record, int color);
/* The names of the constants, then a line a value. */
void write_sweep_csv(caustic_text_t out, const json_t * record);
/* What `shock --viscous` and `--after` add; nothing where they were not asked for. */
void write_front_text(caustic_text_t out, const json_t * record);
/* A LaTeX document with a section a record. */
void write_derive_latex(caustic_text_t out, const json_t * records);
void write_table(caustic_text_t out, const json_t * records, caustic_format format, int color);

/* A verdict padded to nine characters, colored if asked for. */
void write_verdict(caustic_text_t out, const char * verdict, int color);
/* "name — title" and the verdict, with a word on expectation. */
void write_heading(caustic_text_t out, const json_t * record, int color);

#endif
