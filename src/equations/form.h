/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    Forms: polynomials in the derivatives of an unknown, their coefficients functions of the coordinates
    and of nu, elements of an exact field over these alone.
*/

#ifndef CAUSTIC_FORM_H
#define CAUSTIC_FORM_H

#include <caustic/equations.h>

typedef struct
{
    gr_ctx_struct * ctx;
    slong length, room;
    caustic_expr * monomial; /* a product of powers of unknowns; 1 for none. Different ones differ */
    gr_ptr coefficient;
}
form_struct;

typedef form_struct form_t[1];

void form_init(form_t form, gr_ctx_t ctx);
void form_clear(form_t form);
gr_ptr form_coefficient(const form_t form, slong i);
/* The place of a monomial, or -1. */
slong form_find(const form_t form, caustic_expr monomial);
/* form += sign x monomial */
int form_add(form_t form, caustic_expr monomial, gr_srcptr x, int sign) CAUSTIC_MUST_USE;
/* form += sign other */
int form_add_form(form_t form, const form_t other, int sign) CAUSTIC_MUST_USE;
int form_multiply(form_t form, gr_srcptr factor) CAUSTIC_MUST_USE;

/* Adds the expression to the form. GR_UNABLE where it is not a polynomial in the unknowns by its form (all
   symbols but those of the field are unknowns), or too long, or the field has no rule for a coefficient. */
int form_set_expr(form_t form, caustic_expr e) CAUSTIC_MUST_USE;

/* Whether the pivot occurs in one term only, linearly and alone; *place is that term's, or -1 where it does not
   occur at all. */
int form_is_affine(slong * place, const form_t form, caustic_expr pivot);

/* The field of the coordinates, on their domains, and of nu > 0. */
void coefficient_field_init(gr_ctx_t ctx, const caustic_equations_t equations,
    const caustic_interval_struct * coordinate_domain);

/* The value of a function at the witness's point: a rational number, or a ball. */
void print_value(caustic_text_t out, gr_srcptr x, const caustic_witness_t witness, gr_ctx_t ctx);

/* Of a claim that differs from component k of Burgers' equation: which of its terms it lacks, if it is
   what is left without them; appended to detail, or nothing. [EQUATIONS-5] */
void name_missing_terms(caustic_text_t detail, const caustic_equations_t equations,
    const caustic_interval_struct * coordinate_domain, caustic_expr claimed, caustic_expr derived, slong k);

#endif
