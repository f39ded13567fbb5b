/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later
*/

#include "identity.h"

truth_t
vanishes(caustic_text_t why, const char * what, caustic_expr e, gr_ctx_struct * ctx)
{
    caustic_witness_t witness;
    truth_t zero = T_UNKNOWN;
    gr_ptr x;

    caustic_witness_init(witness, caustic_field_symbols(ctx));
    GR_TMP_INIT(x, ctx);
    if (e != CAUSTIC_NONE && caustic_field_set_expr(x, e, ctx) == GR_SUCCESS)
        zero = caustic_field_is_zero(x, witness, ctx);
    if (zero != T_TRUE)
        caustic_text_printf(why, "%s%s", what, zero == T_FALSE ? " fails at " : " was not decided");
    if (zero == T_FALSE)
        caustic_witness_print(why, witness, ctx);
    GR_TMP_CLEAR(x, ctx);
    caustic_witness_clear(witness);
    return zero;
}

int
vanishes_identically(caustic_expr e, gr_ctx_struct * ctx)
{
    gr_ptr x;
    int zero;

    GR_TMP_INIT(x, ctx);
    zero = e != CAUSTIC_NONE && caustic_field_set_expr(x, e, ctx) == GR_SUCCESS && caustic_field_is_zero(x, NULL, ctx) == T_TRUE;
    GR_TMP_CLEAR(x, ctx);
    return zero;
}
