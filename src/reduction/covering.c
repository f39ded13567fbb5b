/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    Finite elements that do not keep the invariants but act on the quotient by tau = pi o s o sigma: the
    chart then is that of a cover. [REDUCTION-14]
*/

#include "reduction_internal.h"

static const char *
coordinate_name(const caustic_reduction_t reduction, slong i)
{
    return caustic_expr_name(reduction->setting->pool, reduction->setting->coordinate[i]);
}

/* The expression with the coordinates replaced by tau. */
static caustic_expr
after(const caustic_reduction_t reduction, caustic_expr e, const caustic_expr * tau)
{
    const caustic_setting_struct * setting = reduction->setting;

    return caustic_substitute(setting->pool, e, setting->coordinate, tau, setting->coordinates);
}

/* tau is smooth on the quotient's box; or, where a stratum is left out, after the invariants. */
static void
require_smooth_action(statement_t invariance, caustic_expr tau, slong s, const char * name, caustic_reduction_t reduction)
{
    const caustic_setting_struct * setting = reduction->setting;
    caustic_text_t why;

    caustic_text_init(why);
    if (setting->strata == 0 || caustic_field_is_smooth(why, tau, NULL, 0, 1, reduction->downstairs) == T_FALSE)
        statement_require_smooth(invariance, tau, NULL, 0, reduction->downstairs, "the action of element %ld on %s", (long) s + 1, name);
    else
        statement_require_smooth(invariance, pulled_back(setting, tau), setting->stratum, setting->strata,
            reduction->upstairs, "the action of element %ld on %s", (long) s + 1, name);
    caustic_text_clear(why);
}

/* tau = pi o s o sigma, z o s = tau o pi identically, and tau maps the invariants' image, which is the box or
   what a stratum leaves of it, into itself smoothly. */
static int
find_action(statement_t invariance, caustic_expr * tau, gr_mat_t image, slong s, caustic_reduction_t reduction)
{
    const caustic_setting_struct * setting = reduction->setting;
    gr_ctx_struct * above = reduction->upstairs;
    gr_ctx_struct * below = reduction->downstairs;
    gr_ptr difference;
    int known = 1;

    GR_TMP_INIT(difference, above);
    for (slong i = 0; i < setting->coordinates && known; i++)
    {
        const char * name = coordinate_name(reduction, i);
        gr_ptr entry = gr_mat_entry_ptr(image, i, 0, below);
        caustic_expr moved = moved_by(setting, setting->invariant[i], s);
        int status;

        known = statement_require_success(invariance, caustic_field_set_expr(entry, on_section(setting, moved), below),
            "%s on the image of the section under element %ld", name, (long) s + 1);
        if (!known)
            break;

        tau[i] = caustic_field_get_expr(entry, below);
        status = caustic_field_set_expr(difference, caustic_sub(setting->pool, moved, pulled_back(setting, tau[i])), above);
        known = statement_require_success(invariance, status, "%s after element %ld", name, (long) s + 1);
        if (known)
            statement_require_zero(invariance, difference, above,
                "element %ld changes %s, and not to a function of the invariants: the difference from that on the section",
                (long) s + 1, name);
        require_smooth_action(invariance, tau[i], s, name, reduction);
        if (caustic_field_set_expr(difference, moved, above) == GR_SUCCESS) /* as it was above */
            require_inside(invariance, difference, setting->coordinate_domain + i, setting, above, name);
    }
    GR_TMP_CLEAR(difference, above);
    return known;
}

/* Dtau g Dtau^T = g o tau. */
static int
cometric_change(gr_ptr res, const caustic_reduction_t reduction, const gr_mat_t slope, const caustic_expr * tau,
    slong i, slong j, gr_ctx_t ctx)
{
    slong d = reduction->setting->coordinates;
    gr_ptr term;
    int status;

    GR_TMP_INIT(term, ctx);
    status = caustic_field_set_expr(res, after(reduction, reduction->cometric_expr[i * d + j], tau), ctx);
    status |= gr_neg(res, res, ctx);
    for (slong k = 0; k < d; k++)
    {
        for (slong l = 0; l < d; l++)
        {
            status |= gr_mul(term, gr_mat_entry_srcptr(slope, i, k, ctx), gr_mat_entry_srcptr(reduction->cometric, k, l, ctx), ctx);
            status |= gr_mul(term, term, gr_mat_entry_srcptr(slope, j, l, ctx), ctx);
            status |= gr_add(res, res, term, ctx);
        }
    }
    GR_TMP_CLEAR(term, ctx);
    return status;
}

/* L tau^i = b^i o tau. */
static int
drift_change(gr_ptr res, const caustic_reduction_t reduction, const gr_mat_t slope, const caustic_expr * tau, slong i, gr_ctx_t ctx)
{
    slong d = reduction->setting->coordinates;
    gr_ptr term;
    int status;

    GR_TMP_INIT(term, ctx);
    status = caustic_field_set_expr(res, after(reduction, reduction->drift_expr[i], tau), ctx);
    status |= gr_neg(res, res, ctx);
    for (slong k = 0; k < d; k++)
    {
        status |= gr_mul(term, gr_mat_entry_srcptr(reduction->drift, k, 0, ctx), gr_mat_entry_srcptr(slope, i, k, ctx), ctx);
        status |= gr_add(res, res, term, ctx);
        for (slong l = 0; l < d; l++)
        {
            status |= caustic_field_derivative(term, gr_mat_entry_srcptr(slope, i, k, ctx), l, ctx);
            status |= gr_mul(term, term, gr_mat_entry_srcptr(reduction->cometric, k, l, ctx), ctx);
            status |= gr_add(res, res, term, ctx);
        }
    }
    GR_TMP_CLEAR(term, ctx);
    return status;
}

static void
require_isometry(statement_t invariance, const caustic_expr * tau, const gr_mat_t image, slong s, caustic_reduction_t reduction)
{
    gr_ctx_struct * ctx = reduction->downstairs;
    slong d = reduction->setting->coordinates;
    gr_mat_t slope;
    gr_ptr change;
    int status = GR_SUCCESS;

    gr_mat_init(slope, d, d, ctx);
    GR_TMP_INIT(change, ctx);
    for (slong i = 0; i < d; i++)
        for (slong j = 0; j < d; j++)
            status |= caustic_field_derivative(gr_mat_entry_ptr(slope, i, j, ctx), gr_mat_entry_srcptr(image, i, 0, ctx), j, ctx);

    if (statement_require_success(invariance, status, "the differential of the action of element %ld", (long) s + 1))
    {
        for (slong i = 0; i < d; i++)
        {
            for (slong j = i; j < d; j++)
                if (statement_require_success(invariance, cometric_change(change, reduction, slope, tau, i, j, ctx),
                        "the cometric after element %ld", (long) s + 1))
                    statement_require_zero(invariance, change, ctx,
                        "element %ld acts on the quotient, but changes entry (%ld, %ld) of the cometric: the difference",
                        (long) s + 1, (long) i + 1, (long) j + 1);
            if (statement_require_success(invariance, drift_change(change, reduction, slope, tau, i, ctx),
                    "the drift after element %ld", (long) s + 1))
                statement_require_zero(invariance, change, ctx,
                    "element %ld acts on the quotient, but changes entry %ld of the drift: the difference",
                    (long) s + 1, (long) i + 1);
        }
    }

    gr_mat_clear(slope, ctx);
    GR_TMP_CLEAR(change, ctx);
}

/* Lists tau_s for element s. */
static void
append_covering(caustic_reduction_t reduction, slong s, const caustic_expr * tau)
{
    slong d = reduction->setting->coordinates, length = reduction->coverings++;

    reduction->covering_element = flint_realloc(reduction->covering_element, (size_t) (length + 1) * sizeof(slong));
    reduction->covering = flint_realloc(reduction->covering, (size_t) ((length + 1) * d + 1) * sizeof(caustic_expr));
    reduction->covering_element[length] = s;
    for (slong i = 0; i < d; i++)
        reduction->covering[length * d + i] = tau[i];
}

void
require_action_on_cover(statement_t invariance, slong s, caustic_reduction_t reduction)
{
    gr_ctx_struct * ctx = reduction->downstairs;
    slong d = reduction->setting->coordinates;
    caustic_expr * tau = flint_calloc((size_t) FLINT_MAX(d, 1), sizeof(caustic_expr));
    gr_mat_t image;

    gr_mat_init(image, d, 1, ctx);
    if (find_action(invariance, tau, image, s, reduction) && invariance->verdict != CAUSTIC_REFUTED)
    {
        if (reduction->derived)
            require_isometry(invariance, tau, image, s, reduction);
        else
            statement_fail(invariance, CAUSTIC_UNDECIDED,
                "element %ld acts on the quotient; whether it keeps cometric and drift is open, as these were not derived", (long) s + 1);
        append_covering(reduction, s, tau);
    }
    gr_mat_clear(image, ctx);
    flint_free(tau);
}

void
require_loss_on_cover(statement_t loss, caustic_expr below, caustic_reduction_t reduction)
{
    gr_ctx_struct * ctx = reduction->downstairs;
    slong d = reduction->setting->coordinates;
    gr_ptr change;

    GR_TMP_INIT(change, ctx);
    for (slong c = 0; c < reduction->coverings; c++)
    {
        caustic_expr moved = after(reduction, below, reduction->covering + c * d);

        if (equal_term_by_term(moved, below, reduction->setting))
            continue;
        if (statement_require_success(loss, caustic_field_set_expr(change,
                caustic_sub(reduction->setting->pool, moved, below), ctx),
                "the loss after element %ld", (long) reduction->covering_element[c] + 1))
            statement_require_zero(loss, change, ctx, "element %ld acts on the quotient, but changes the loss: the difference",
                (long) reduction->covering_element[c] + 1);
    }
    GR_TMP_CLEAR(change, ctx);
}
