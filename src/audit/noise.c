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

/* A_0 o s = Ds A_0 Ds^T: an isometry carries Delta_{A_0} to itself. [AUDIT-16] */
static truth_t
element_keeps_metric(slong s, const audit_work_t work)
{
    const caustic_setting_struct * setting = work->setting;
    gr_ctx_struct * ctx = (gr_ctx_struct *) work->ctx;
    slong n = work->parameters;
    truth_t answer = T_TRUE;
    int status = GR_SUCCESS;
    gr_mat_t slope, carried, transpose;
    gr_ptr moved;

    GR_TMP_INIT(moved, ctx);
    gr_mat_init(slope, n, n, ctx);
    gr_mat_init(carried, n, n, ctx);
    gr_mat_init(transpose, n, n, ctx);
    for (slong a = 0; a < n * n && status == GR_SUCCESS; a++)
    {
        status = caustic_field_set_expr(moved, setting->element[s * n + a / n], ctx);
        if (status == GR_SUCCESS)
            status = caustic_field_derivative(gr_mat_entry_ptr(slope, a / n, a % n, ctx), moved, a % n, ctx);
    }
    if (status == GR_SUCCESS)
    {
        status |= gr_mat_transpose(transpose, slope, ctx);
        status |= gr_mat_mul(carried, slope, work->metric, ctx);
        status |= gr_mat_mul(carried, carried, transpose, ctx);
    }
    if (status != GR_SUCCESS)
        answer = T_UNKNOWN;
    for (slong a = 0; a < n * n && answer == T_TRUE; a++)
    {
        caustic_expr entry = caustic_substitute(setting->pool, work->metric_expr[a], setting->parameter, setting->element + s * n, n);

        answer = entry != CAUSTIC_NONE && caustic_field_set_expr(moved, entry, ctx) == GR_SUCCESS
            && gr_sub(moved, moved, gr_mat_entry_srcptr(carried, a / n, a % n, ctx), ctx) == GR_SUCCESS
            && caustic_field_is_zero(moved, NULL, ctx) == T_TRUE ? T_TRUE : T_UNKNOWN;
    }
    gr_mat_clear(slope, ctx);
    gr_mat_clear(carried, ctx);
    gr_mat_clear(transpose, ctx);
    GR_TMP_CLEAR(moved, ctx);
    return answer;
}

static void
isotropic(const audit_work_t work)
{
    gr_ctx_struct * ctx = (gr_ctx_struct *) work->ctx;
    truth_t answer = is_diagonal(work) && (work->is_own || work->setting->spheres == 0) ? T_TRUE : T_UNKNOWN;
    caustic_text_t detail;
    caustic_expr down;
    gr_ptr value;

    GR_TMP_INIT(value, ctx);
    caustic_text_init(detail);
    for (slong i = 0; i < work->coordinates && answer == T_TRUE; i++)
        answer = laplacian(value, i, work) == GR_SUCCESS ? comes_down(&down, value, work) : T_UNKNOWN;
    for (slong s = 0; s < work->setting->elements && answer == T_TRUE; s++)
        answer = element_keeps_metric(s, work);
    if (work->projects < 0)
        answer = T_FALSE;
    else if (work->projects == 0)
        answer = truth_and(answer, T_UNKNOWN);

    if (answer == T_TRUE)
        caustic_text_append(detail, "the Laplacian of A_0 comes down: F_0 and the Laplacians of the invariants are functions of them");
    else if (answer == T_FALSE)
    {
        caustic_text_append(detail, work->projects < 0 ? "the diffusion of z is F_0, which does not come down"
            : "the Laplacians of the invariants are not functions of them");
        write_spread(detail, work);
    }
    else
        caustic_text_append(detail, "whether the Laplacian of A_0 comes down was not decided");
    caustic_checks_add(work->audit->checks, "isotropic_noise", answer == T_TRUE ? CAUSTIC_PROVED
        : answer == T_FALSE ? CAUSTIC_REFUTED : CAUSTIC_UNDECIDED, "%s", detail->data);

    GR_TMP_CLEAR(value, ctx);
    caustic_text_clear(detail);
}

/* The degree of the charges' differentials as polynomials of one degree: 0 where they are constant, 1 where they are S theta
   with constant S, -1 otherwise or where that is open. */
static int
degree_of_slopes(const audit_work_t work)
{
    gr_ctx_struct * ctx = (gr_ctx_struct *) work->ctx;
    slong n = work->parameters;
    int constant = 1, linear = 1, status = GR_SUCCESS;
    gr_ptr slope, theta, rest;
    fmpq_t entry;

    fmpq_init(entry);
    GR_TMP_INIT3(slope, theta, rest, ctx);
    for (slong i = 0; i < work->charge_slope->r * n && linear; i++)
    {
        gr_srcptr form = gr_mat_entry_srcptr(work->charge_slope, i / n, i % n, ctx);

        status |= gr_set(rest, form, ctx);
        for (slong b = 0; b < n && linear; b++)
        {
            status |= caustic_field_derivative(slope, form, b, ctx);
            linear = status == GR_SUCCESS && caustic_field_get_fmpq(entry, slope, ctx) == T_TRUE;
            constant = constant && linear && fmpq_is_zero(entry);
            status |= caustic_field_set_expr(theta, work->setting->parameter[b], ctx);
            status |= gr_mul(theta, theta, slope, ctx);
            status |= gr_sub(rest, rest, theta, ctx);
        }
        linear = linear && status == GR_SUCCESS && (constant || gr_is_zero(rest, ctx) == T_TRUE);
    }
    GR_TMP_CLEAR3(slope, theta, rest, ctx);
    fmpq_clear(entry);
    return constant && linear ? 0 : linear ? 1 : -1;
}

static void
minibatch(const audit_work_t work)
{
    if (work->projects == 1)
        caustic_checks_add(work->audit->checks, "minibatch_noise", CAUSTIC_PROVED, "where every sample's loss is invariant its"
            " gradient projects like the mean's; the noise then moves z as it does on the quotient, to first order in the step");
    else if (work->projects == 0)
        caustic_checks_add(work->audit->checks, "minibatch_noise", CAUSTIC_UNDECIDED, "whether its mean, the drift, descends is open");
    else if (work->charge_slope->r > 0)
        caustic_checks_add(work->audit->checks, "minibatch_noise", CAUSTIC_REFUTED, "where every sample's loss is invariant its"
            " gradient is tangent to the leaves, <dQ, grad l_i> = 0; but under dtheta = -grad L dt + sqrt(eta Sigma) dB, grad = A_0 d,"
            " a charge %s, zero only where that trace is, and a discrete step adds %s", degree_of_slopes(work) == 1
            ? "Q = theta^T S theta drifts at rate eta tr(Sigma S)" : "Q drifts at rate (eta/2) tr(Sigma d^2 Q)",
            degree_of_slopes(work) == 1 ? "eta^2 grad L^T S grad L" : "(eta^2/2) d^2 Q(grad L, grad L) + O(eta^3)");
    else
        caustic_checks_add(work->audit->checks, "minibatch_noise", CAUSTIC_REFUTED, "its mean, the drift, does not descend");
}

/* Whether f is an invariant times a number, as dz(theta) is where z is homogeneous. */
static int
is_multiple_of_invariant(gr_srcptr f, slong i, const audit_work_t work)
{
    gr_ctx_struct * ctx = (gr_ctx_struct *) work->ctx;
    fmpq_t factor;
    gr_ptr z;
    int multiple;

    fmpq_init(factor);
    GR_TMP_INIT(z, ctx);
    multiple = caustic_field_set_expr(z, work->setting->invariant[i], ctx) == GR_SUCCESS && gr_div(z, f, z, ctx) == GR_SUCCESS
        && caustic_field_get_fmpq(factor, z, ctx) == T_TRUE;
    GR_TMP_CLEAR(z, ctx);
    fmpq_clear(factor);
    return multiple;
}

/* dz^i(theta), the rate of z^i as all parameters grow alike. */
static int
rate_of_growth(gr_ptr res, slong i, const audit_work_t work)
{
    gr_ctx_struct * ctx = (gr_ctx_struct *) work->ctx;
    int status = gr_zero(res, ctx);
    gr_ptr theta;

    GR_TMP_INIT(theta, ctx);
    for (slong a = 0; a < work->parameters; a++)
    {
        status |= caustic_field_set_expr(theta, work->setting->parameter[a], ctx);
        status |= gr_mul(theta, theta, gr_mat_entry_srcptr(work->jacobian, i, a, ctx), ctx);
        status |= gr_add(res, res, theta, ctx);
    }
    GR_TMP_CLEAR(theta, ctx);
    return status;
}

/* On a covering chart the rates dz(theta), functions of z, are those of a field below only if element s carries them to themselves:
   dz(theta) o s = D tau dz(theta). [AUDIT-16] */
static truth_t
element_keeps_growth(slong s, const audit_work_t work)
{
    const caustic_setting_struct * setting = work->setting;
    gr_ctx_struct * ctx = (gr_ctx_struct *) work->ctx;
    slong n = work->parameters, d = work->coordinates;
    truth_t answer;
    gr_mat_t slope, rate, carried;
    gr_ptr moved;
    int status;

    GR_TMP_INIT(moved, ctx);
    gr_mat_init(slope, d, d, ctx);
    gr_mat_init(rate, d, 1, ctx);
    gr_mat_init(carried, d, 1, ctx);
    status = work->section_proved ? read_action(slope, s, work) : GR_UNABLE;
    for (slong i = 0; i < d && status == GR_SUCCESS; i++)
        status = rate_of_growth(gr_mat_entry_ptr(rate, i, 0, ctx), i, work);
    if (status == GR_SUCCESS)
        status = gr_mat_mul(carried, slope, rate, ctx);
    answer = status == GR_SUCCESS ? T_TRUE : T_UNKNOWN;
    for (slong i = 0; i < d && answer == T_TRUE; i++)
    {
        caustic_expr entry = caustic_substitute(setting->pool, caustic_field_get_expr(gr_mat_entry_srcptr(rate, i, 0, ctx), ctx),
            setting->parameter, setting->element + s * n, n);

        answer = entry != CAUSTIC_NONE && caustic_field_set_expr(moved, entry, ctx) == GR_SUCCESS
            && gr_sub(moved, moved, gr_mat_entry_srcptr(carried, i, 0, ctx), ctx) == GR_SUCCESS
            ? caustic_field_is_zero(moved, NULL, ctx) : T_UNKNOWN;
    }
    gr_mat_clear(slope, ctx);
    gr_mat_clear(rate, ctx);
    gr_mat_clear(carried, ctx);
    GR_TMP_CLEAR(moved, ctx);
    return answer;
}

/* -theta: does it carry orbits to orbits? d z(theta) must be a function of z, carried to itself by the finite elements. */
static void
weight_decay(const audit_work_t work)
{
    gr_ctx_struct * ctx = (gr_ctx_struct *) work->ctx;
    truth_t answer = T_TRUE;
    caustic_expr down;
    gr_ptr rate;

    GR_TMP_INIT(rate, ctx);
    for (slong i = 0; i < work->coordinates && answer == T_TRUE; i++)
        answer = rate_of_growth(rate, i, work) != GR_SUCCESS ? T_UNKNOWN : is_multiple_of_invariant(rate, i, work) ? T_TRUE
            : comes_down(&down, rate, work);
    /* Without a section the elements keep the invariants, and what is a function of these. */
    for (slong s = 0; s < work->setting->elements && work->setting->has_section && answer == T_TRUE; s++)
        answer = element_keeps_growth(s, work);
    GR_TMP_CLEAR(rate, ctx);

    caustic_checks_add(work->audit->checks, "weight_decay", answer == T_TRUE ? CAUSTIC_PROVED
        : answer == T_FALSE ? CAUSTIC_REFUTED : CAUSTIC_UNDECIDED, answer == T_TRUE
        ? "theta -> (1 - lambda) theta carries orbits to orbits%s" : answer == T_FALSE
        ? "theta -> (1 - lambda) theta does not carry orbits to orbits%s" : "whether theta -> (1 - lambda) theta carries orbits to"
          " orbits was not decided%s", work->charge_slope->r > 0 && answer == T_TRUE && degree_of_slopes(work) == 1
        ? "; a quadratic charge decays with it, so only the leaf Q = 0 is kept" : "");
}

/* Whether every invariant is affine in the parameters. */
static int
invariants_are_affine(const audit_work_t work)
{
    gr_ctx_struct * ctx = (gr_ctx_struct *) work->ctx;
    slong n = work->parameters;
    int affine = work->setting->spheres == 0;
    fmpq_t entry;

    fmpq_init(entry);
    for (slong i = 0; i < work->coordinates * n && affine; i++)
        affine = caustic_field_get_fmpq(entry, gr_mat_entry_srcptr(work->jacobian, i / n, i % n, ctx), ctx) == T_TRUE;
    fmpq_clear(entry);
    return affine;
}

/* z'' = -gamma z' - F_0 dl + d^2 z(theta', theta'), Q'' = -gamma Q' + d^2 Q(theta', theta'). */
static void
momentum(const audit_work_t work)
{
    int degree = degree_of_slopes(work);

    if (work->projects == 1 && invariants_are_affine(work))
        caustic_checks_add(work->audit->checks, "momentum", CAUSTIC_PROVED, "the invariants are affine, so theta'' = -gamma theta' -"
            " A_0 grad L projects to z'' = -gamma z' - K dl%s", work->charge_slope->r == 0 ? ""
            : degree == 0 ? "; leaves are kept from rest, as the charges are linear" : "");
    else if (work->charge_slope->r > 0 && degree == 0)
        caustic_checks_add(work->audit->checks, "momentum", CAUSTIC_UNDECIDED, "the charges are linear, so leaves are kept from rest;"
            " whether the second-order flow comes down was not derived");
    else if (work->charge_slope->r > 0)
        caustic_checks_add(work->audit->checks, "momentum", CAUSTIC_REFUTED, "with momentum, theta'' = -gamma theta' - A_0 grad L,"
            " it is the rate of a charge that decays, (dQ/dt)' = -gamma dQ/dt + d^2 Q(theta', theta'), and no longer the charge"
            " that stays: leaves are left");
    else
        caustic_checks_add(work->audit->checks, "momentum", work->projects >= 0 ? CAUSTIC_UNDECIDED : CAUSTIC_REFUTED,
            work->projects == 1 ? "the second-order flow on the quotient needs the connection too; not derived"
            : work->projects == 0 ? "whether the drift descends is open"
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
