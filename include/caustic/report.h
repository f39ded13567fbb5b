/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    report: from a case to a record, and from records to text. A record is the JSON object of
    SPEC 2.3; every other format is written from it, so that all formats say the same.
*/

#ifndef CAUSTIC_REPORT_H
#define CAUSTIC_REPORT_H

#include <jansson.h>
#include <caustic/case.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What the caller may override in a case. */
typedef struct
{
    slong digits;          /* 0: as the case says */
    fmpq_t tolerance;      /* 0: as the case says */
    slong precision_limit; /* bits */
    int timings;           /* add "seconds" to the record */
    int viscous;           /* shock: add what small viscosity does at T* */
    int after;             /* shock: add the solution after T* */
}
caustic_run_options;

void caustic_run_options_init(caustic_run_options * options);
void caustic_run_options_clear(caustic_run_options * options);

/* The record of a command on a case, or NULL where the case lacks the block that the command needs.
   Always has "case", "architecture" and "verdict"; "expected" (a verdict) and "as_expected" (a
   boolean) where the case expects an outcome. The caller owns the reference. */
json_t * caustic_report_derive(const caustic_case_t problem, const caustic_run_options * options);
json_t * caustic_report_audit(const caustic_case_t problem, const caustic_run_options * options);
json_t * caustic_report_verify(const caustic_case_t problem, const caustic_run_options * options);
json_t * caustic_report_shock(const caustic_case_t problem, const caustic_run_options * options);
json_t * caustic_report_table(const caustic_case_t problem, const caustic_run_options * options);

/* A case for many values of some of its constants, which have a name and a range that holds all values. Text, file and
   options must outlive it; it belongs to one thread. The text has been read as a case before. The command is derive, audit,
   verify or shock. */
typedef struct caustic_sweep caustic_sweep;
caustic_sweep * caustic_sweep_new(const char * text, size_t length, const char * file, const caustic_constant_as * constants,
    slong constants_length, caustic_command command, const caustic_run_options * options);
void caustic_sweep_free(caustic_sweep * sweep);
/* {"verdict", "shock", "time", "at", "claim", "detail"} for one value of each constant, inside the ranges: what the command's
   record says there. It does not depend on what was asked before. NULL where the case lacks the command's block. */
json_t * caustic_sweep_value(caustic_sweep * sweep, const fmpq * value);
/* The record of a whole sweep: `over` a list of {"name", "from", "to", "count"}, `values` the rows, each with "of", its
   constants' values. Takes the references. */
json_t * caustic_report_sweep(const caustic_case_t problem, json_t * over, json_t * values);

/* The verdict that counts for the exit status: the record's own (an audit that decides counts as PROVED), or, where an outcome was
   expected, PROVED if it was met and REFUTED if not. */
caustic_verdict caustic_report_outcome(const json_t * record) CAUSTIC_MUST_USE;

typedef enum
{
    CAUSTIC_FORMAT_TEXT = 1, CAUSTIC_FORMAT_JSON, CAUSTIC_FORMAT_LATEX, CAUSTIC_FORMAT_MARKDOWN, CAUSTIC_FORMAT_CSV
}
caustic_format;

/* Whether the command can be written in that format. */
int caustic_report_has_format(caustic_command command, caustic_format format);

/* Appends an array of records in the given format; `color` lets text use terminal colors. */
void caustic_report_write(caustic_text_t out, const json_t * records, caustic_command command,
    caustic_format format, int color);

/* Appends a JUnit XML document: one test case a record, failures and errors with their reasons. */
void caustic_report_junit(caustic_text_t out, const json_t * records, caustic_command command);

#ifdef __cplusplus
}
#endif

#endif
