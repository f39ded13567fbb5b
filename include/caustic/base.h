/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    base: what every floor shares. Verdicts, results, errors with a position, text, checks.
*/

#ifndef CAUSTIC_BASE_H
#define CAUSTIC_BASE_H

#include <stdarg.h>
#include <stddef.h>
#include <flint/flint.h>
#include <flint/fmpq.h>
#include <flint/gr.h>
#include <flint/arb.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define CAUSTIC_MUST_USE __attribute__((warn_unused_result))
#define CAUSTIC_PRINTF(string, first) __attribute__((format(printf, string, first)))
#else
#define CAUSTIC_MUST_USE
#define CAUSTIC_PRINTF(string, first)
#endif

/* Verdicts ***********************************************************************************/

/* The answer to a mathematical question. No value is zero, so that a verdict used as a boolean is
   always true and no test written that way can pass by accident. */
typedef enum
{
    CAUSTIC_PROVED = 1,   /* a proof was carried out: every number on the way exact or a ball */
    CAUSTIC_REFUTED = 2,  /* a witness was found that the reader can check */
    CAUSTIC_UNDECIDED = 3 /* neither; the detail says what was lacking */
}
caustic_verdict;

/* "PROVED", "REFUTED" or "UNDECIDED". */
const char * caustic_verdict_name(caustic_verdict verdict);

/* Conjunction: REFUTED if either is, else UNDECIDED if either is, else PROVED. */
caustic_verdict caustic_verdict_and(caustic_verdict a, caustic_verdict b) CAUSTIC_MUST_USE;

/* Results ************************************************************************************/

/* How a call ended, as opposed to what it found out. Each public function lists those it returns. */
typedef enum
{
    CAUSTIC_OK = 0,
    CAUSTIC_BAD_USAGE,    /* the program was called wrongly */
    CAUSTIC_BAD_INPUT,    /* a file or an expression is wrong; the error says where */
    CAUSTIC_UNSUPPORTED,  /* well-formed, but no rule covers it */
    CAUSTIC_NO_RESOURCES, /* a stated limit was reached: precision, boxes, time */
    CAUSTIC_IO_ERROR,     /* reading or writing failed */
    CAUSTIC_INTERNAL      /* a defect of Caustic */
}
caustic_result;

/* Text ***************************************************************************************/

/* A growing string. `data` is always terminated, also when empty. */
typedef struct
{
    char * data;
    size_t length;
    size_t capacity;
}
caustic_text_struct;

typedef caustic_text_struct caustic_text_t[1];

void caustic_text_init(caustic_text_t text);
void caustic_text_clear(caustic_text_t text);
void caustic_text_reset(caustic_text_t text);
void caustic_text_append(caustic_text_t text, const char * string);
void caustic_text_append_length(caustic_text_t text, const char * string, size_t length);
void caustic_text_printf(caustic_text_t text, const char * format, ...) CAUSTIC_PRINTF(2, 3);
void caustic_text_vprintf(caustic_text_t text, const char * format, va_list arguments) CAUSTIC_PRINTF(2, 0);
/* Hands the string over to the caller, who frees it with flint_free; the text is empty after it. */
char * caustic_text_take(caustic_text_t text) CAUSTIC_MUST_USE;
/* A copy of a terminated string, freed with flint_free. NULL gives NULL. */
char * caustic_string_copy(const char * string) CAUSTIC_MUST_USE;

/* Errors *************************************************************************************/

/* What went wrong and where. `message` says what was found, what was expected and what to do.
   line and column count from 1; 0 means that there is no such position. */
typedef struct
{
    caustic_result code;
    char * file; /* NULL where there is none */
    slong line;
    slong column;
    char * message;
}
caustic_error_struct;

typedef caustic_error_struct caustic_error_t[1];

void caustic_error_init(caustic_error_t error);
void caustic_error_clear(caustic_error_t error);
/* Sets code, position and message (an earlier content is replaced) and returns code. */
caustic_result caustic_error_set(caustic_error_t error, caustic_result code, const char * file,
    slong line, slong column, const char * format, ...) CAUSTIC_PRINTF(6, 7);
/* Appends "file:line:column: message", leaving out what is not there. */
void caustic_error_print(caustic_text_t out, const caustic_error_t error);

/* Checks *************************************************************************************/

/* One named statement with its verdict. `detail` says what proves it, what refutes it or what was
   lacking; never NULL. */
typedef struct
{
    char * name;
    caustic_verdict verdict;
    char * detail;
}
caustic_check_struct;

typedef struct
{
    caustic_check_struct * entries;
    slong length;
    slong capacity;
}
caustic_checks_struct;

typedef caustic_checks_struct caustic_checks_t[1];

void caustic_checks_init(caustic_checks_t checks);
void caustic_checks_clear(caustic_checks_t checks);
void caustic_checks_add(caustic_checks_t checks, const char * name, caustic_verdict verdict,
    const char * format, ...) CAUSTIC_PRINTF(4, 5);
/* The conjunction of all verdicts; PROVED for none. */
caustic_verdict caustic_checks_verdict(const caustic_checks_t checks) CAUSTIC_MUST_USE;

/* Intervals of the line **********************************************************************/

/* An interval with exact ends, as a case file writes it: "(0, inf)", "[1/2, 3]". */
typedef struct
{
    fmpq_t lower; /* meaningless where lower_infinite */
    fmpq_t upper;
    int lower_infinite;
    int upper_infinite;
    int lower_closed;
    int upper_closed;
}
caustic_interval_struct;

typedef caustic_interval_struct caustic_interval_t[1];

/* The whole line. */
void caustic_interval_init(caustic_interval_t interval);
void caustic_interval_clear(caustic_interval_t interval);
void caustic_interval_set(caustic_interval_t result, const caustic_interval_t interval);
/* "(0, inf)" and the like. */
void caustic_interval_print(caustic_text_t out, const caustic_interval_t interval);
/* Whether the exact number lies in it. */
int caustic_interval_contains_fmpq(const caustic_interval_t interval, const fmpq_t x);
/* T_TRUE: every number of the ball lies in it; T_FALSE: none does; T_UNKNOWN: neither is certain. */
truth_t caustic_interval_contains_arb(const caustic_interval_t interval, const arb_t x) CAUSTIC_MUST_USE;
/* 1: the interval lies in [0, inf) without 0 being inside, that is all its numbers are > 0. */
int caustic_interval_is_positive(const caustic_interval_t interval);
int caustic_interval_is_negative(const caustic_interval_t interval);

/* Decimal bounds *****************************************************************************/

/* Appends a decimal that is certainly >= (<=) every number of the ball, with `digits` significant
   digits, rounded outward: "1.2345e-31", "0.25". Appends "inf" ("-inf") where there is no finite
   bound. */
void caustic_print_upper(caustic_text_t out, const arb_t x, slong digits);
void caustic_print_lower(caustic_text_t out, const arb_t x, slong digits);

#ifdef __cplusplus
}
#endif

#endif
