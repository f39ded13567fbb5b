/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later
*/

/* A statement under proof: PROVED until an identity in it fails or stays open. The first failure is
   kept as the detail, since one witness refutes. */

#ifndef CAUSTIC_STATEMENT_H
#define CAUSTIC_STATEMENT_H

#include <caustic/field.h>

typedef struct
{
    const char * name;
    caustic_verdict verdict;
    caustic_text_t detail;
}
statement_struct;

typedef statement_struct statement_t[1];

void statement_init(statement_t statement, const char * name);
void statement_clear(statement_t statement);

/* Adds the statement to the checks; `proved` is its detail if nothing failed. */
void statement_conclude(caustic_checks_t checks, statement_t statement, const char * proved, ...)
    CAUSTIC_PRINTF(3, 4);

/* Requires x = 0 identically; `format` names the identity. A refutation outranks an open question. */
void statement_require_zero(statement_t statement, gr_srcptr x, gr_ctx_t ctx, const char * format, ...)
    CAUSTIC_PRINTF(4, 5);

/* Requires x = 0, where x != 0 refutes nothing. */
void statement_require_found_zero(statement_t statement, gr_srcptr x, gr_ctx_t ctx, const char * format, ...)
    CAUSTIC_PRINTF(4, 5);

/* Requires x > 0 everywhere on the field's box (x < 0 for want = -1). */
void statement_require_sign(statement_t statement, gr_srcptr x, int want, gr_ctx_t ctx,
    const char * format, ...) CAUSTIC_PRINTF(5, 6);

/* A computation did not succeed: the statement is open (GR_UNABLE) or false (GR_DOMAIN: some
   function is nowhere defined). GR_SUCCESS changes nothing. Returns 1 for GR_SUCCESS. */
int statement_require_success(statement_t statement, int status, const char * format, ...)
    CAUSTIC_PRINTF(3, 4);

/* Requires that e is defined and analytic on the whole box; see caustic_field_is_smooth. */
void statement_require_smooth(statement_t statement, caustic_expr e, const caustic_expr * nonzero, slong length,
    gr_ctx_t ctx, const char * format, ...) CAUSTIC_PRINTF(6, 7);

/* Open, or refuted, for a reason in words. */
void statement_fail(statement_t statement, caustic_verdict verdict, const char * format, ...)
    CAUSTIC_PRINTF(3, 4);

#endif
