/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    noise: what noise, weight decay and momentum do to orbits and leaves.
*/

#include "audit_internal.h"

/* d_a(A_0^{ab} d_b z) - 1/2 (d_a log det A_0) A_0^{ab} d_b z, for a diagonal A_0. */
static int
laplacian(gr_ptr res, slong i, const audit_work_t work)
{
    gr_ctx_struct * ctx = (gr_ctx_struct *) work->ctx;
    slong n = work->parameters;
    int status = gr_zero(res, ctx);
    gr_ptr flow, slope, volume;

    GR_TMP_INIT3(flow, slope, volume, ctx);
    for (slong a = 0; a < n; a++)
    {
        gr_srcptr entry = gr_mat_entry_srcptr(work->metric, a, a, ctx);

        status |= gr_mul(flow, entry, gr_mat_entry_srcptr(work->jacobian, i, a, ctx), ctx);
        status |= caustic_field_derivative(slope, flow, a, ctx);
        status |= gr_add(res, res, slope, ctx);
        for (slong b = 0; b < n; b++)
        {
            status |= caustic_field_derivative(slope, gr_mat_entry_srcptr(work->metric, b, b, ctx), a, ctx);
            if (gr_is_zero(slope, ctx) == T_TRUE)
                continue;
            status |= gr_div(volume, slope, gr_mat_entry_srcptr(work->metric, b, b, ctx), ctx);
            status |= gr_mul(volume, volume, flow, ctx);
            status |= gr_div_ui(volume, volume, 2, ctx);
            status |= gr_sub(res, res, volume, ctx);
        }
    }
    GR_TMP_CLEAR3(flow, slope, volume, ctx);
    return status;
}

static int
is_diagonal(const audit_work_t work)
{
    gr_ctx_struct * ctx = (gr_ctx_struct *) work->ctx;
    int answer = 1;

    for (slong a = 0; a < work->parameters && answer; a++)
        for (slong b = 0; b < work->parameters && answer; b++)
            answer = a == b || gr_is_zero(gr_mat_entry_srcptr(work->metric, a, b, ctx), ctx) == T_TRUE;
    return answer;
}

/* |dQ|^2 of the first charge, as text; it is not 0. */
static void
write_spread(caustic_text_t out, const audit_work_t work)
{
    gr_ctx_struct * ctx = (gr_ctx_struct *) work->ctx;
    slong n = work->parameters;
    int status = GR_SUCCESS;
    gr_ptr sum, term;

    if (work->charge_slope->r == 0)
        return;

    GR_TMP_INIT2(sum, term, ctx);
    for (slong a = 0; a < n; a++)
        for (slong b = 0; b < n; b++)
        {
            status |= gr_mul(term, gr_mat_entry_srcptr(work->charge_slope, 0, a, ctx), gr_mat_entry_srcptr(work->metric, a, b, ctx), ctx);
            status |= gr_mul(term, term, gr_mat_entry_srcptr(work->charge_slope, 0, b, ctx), ctx);
            status |= gr_add(sum, sum, term, ctx);
        }
    if (status == GR_SUCCESS && gr_is_zero(sum, ctx) == T_FALSE)
    {
        caustic_text_append(out, "; a leaf is not kept either: the first charge diffuses at rate proportional to |dQ|^2, a multiple of ");
        caustic_expr_print(out, work->setting->pool, caustic_field_get_expr(sum, ctx));
    }
    GR_TMP_CLEAR2(sum, term, ctx);
}

static void
isotropic(const audit_work_t work)
{
    gr_ctx_struct * ctx = (gr_ctx_struct *) work->ctx;
    truth_t answer = is_diagonal(work) ? T_TRUE : T_UNKNOWN;
    caustic_text_t detail;
    caustic_expr down;
    gr_ptr value;

    GR_TMP_INIT(value, ctx);
    caustic_text_init(detail);
    for (slong i = 0; i < work->coordinates && answer == T_TRUE; i++)
        answer = laplacian(value, i, work) == GR_SUCCESS ? comes_down(&down, value, work) : T_UNKNOWN;
    if (work->projects == -1)
        answer = T_FALSE;
    else if (work->projects == 0)
        answer = truth_and(answer, T_UNKNOWN);

    if (answer == T_TRUE)
        caustic_text_append(detail, "the Laplacian of A_0 comes down: F_0 and the Laplacians of the invariants are functions of them");
    else if (answer == T_FALSE)
    {
        caustic_text_append(detail, work->projects == -1 ? "the diffusion of z is F_0, which is not a function of z"
            : "F_0 is a function of the invariants, their Laplacians are not");
        write_spread(detail, work);
    }
    else
        caustic_text_append(detail, "whether the Laplacian of A_0 comes down was not decided");
    caustic_checks_add(work->audit->checks, "isotropic_noise", answer == T_TRUE ? CAUSTIC_PROVED
        : answer == T_FALSE ? CAUSTIC_REFUTED : CAUSTIC_UNDECIDED, "%s", detail->data);

    GR_TMP_CLEAR(value, ctx);
    caustic_text_clear(detail);
}

static void
minibatch(const audit_work_t work)
{
    if (work->projects == 1)
        caustic_checks_add(work->audit->checks, "minibatch_noise", CAUSTIC_PROVED, "where every sample's loss is invariant its"
            " gradient projects like the mean's; the noise then moves z as it does on the quotient, to first order in the step");
    else if (work->charge_slope->r > 0)
        caustic_checks_add(work->audit->checks, "minibatch_noise", CAUSTIC_REFUTED, "where every sample's loss is invariant its"
            " gradient is tangent to the leaves, <dQ, grad l_i> = 0; but under dtheta = -grad L dt + sqrt(eta Sigma) dB a charge"
            " Q = theta^T S theta drifts at rate eta tr(Sigma S), zero only where that trace is, and a discrete step adds"
            " eta^2 grad L^T S grad L");
    else
        caustic_checks_add(work->audit->checks, "minibatch_noise", CAUSTIC_REFUTED, "its mean, the drift, does not descend");
}

/* -theta: does it carry orbits to orbits? d z(theta) must be a function of z. */
static void
weight_decay(const audit_work_t work)
{
    gr_ctx_struct * ctx = (gr_ctx_struct *) work->ctx;
    truth_t answer = T_TRUE;
    caustic_expr down;
    gr_ptr sum, theta;

    GR_TMP_INIT2(sum, theta, ctx);
    for (slong i = 0; i < work->coordinates && answer == T_TRUE; i++)
    {
        int status = gr_zero(sum, ctx);

        for (slong a = 0; a < work->parameters; a++)
        {
            status |= caustic_field_set_expr(theta, work->setting->parameter[a], ctx);
            status |= gr_mul(theta, theta, gr_mat_entry_srcptr(work->jacobian, i, a, ctx), ctx);
            status |= gr_add(sum, sum, theta, ctx);
        }
        answer = status == GR_SUCCESS ? comes_down(&down, sum, work) : T_UNKNOWN;
    }
    GR_TMP_CLEAR2(sum, theta, ctx);

    caustic_checks_add(work->audit->checks, "weight_decay", answer == T_TRUE ? CAUSTIC_PROVED
        : answer == T_FALSE ? CAUSTIC_REFUTED : CAUSTIC_UNDECIDED, answer == T_TRUE
        ? "theta -> (1 - lambda) theta carries orbits to orbits%s" : answer == T_FALSE
        ? "theta -> (1 - lambda) theta does not carry orbits to orbits%s" : "whether theta -> (1 - lambda) theta carries orbits to"
          " orbits was not decided%s", work->charge_slope->r > 0 && answer == T_TRUE
        ? "; a quadratic charge decays with it, so only the leaf Q = 0 is kept" : "");
}

static void
momentum(const audit_work_t work)
{
    if (work->charge_slope->r > 0)
        caustic_checks_add(work->audit->checks, "momentum", CAUSTIC_REFUTED, "with momentum, theta'' = -gamma theta' - A_0 grad L,"
            " it is the rate of a charge that decays, (dQ/dt)' = -gamma dQ/dt + a term quadratic in theta', and no longer the charge"
            " that stays: leaves are left");
    else
        caustic_checks_add(work->audit->checks, "momentum", work->projects == 1 ? CAUSTIC_UNDECIDED : CAUSTIC_REFUTED,
            work->projects == 1 ? "the second-order flow on the quotient needs the connection too; not derived"
            : "the drift does not descend, and momentum does not change that");
}

void
audit_noise(audit_work_t work)
{
    isotropic(work);
    minibatch(work);
    weight_decay(work);
    momentum(work);
}
