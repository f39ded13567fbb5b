/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    The functions of forward expressions: reductions, activations that are no function of the language of
    expressions, softmax, normalisation, convolution, attention, objectives.
*/

#include <string.h>
#include "network/network_internal.h"

/* Lines along an axis ****************************************************************************/

/* The entries of an array fall into lines along an axis: entry j of line i stands at start + j step. */
typedef struct
{
    slong lines;
    slong length;
    slong step;
}
axis_struct;

static axis_struct axis_of(const caustic_tensor_struct * x, slong axis)
{
    axis_struct a = {1, x->shape[axis], 1};

    for (slong k = axis + 1; k < x->rank; k++)
        a.step *= x->shape[k];
    a.lines = x->entries / a.length;
    return a;
}

static slong line_start(const axis_struct * a, slong line)
{
    return line / a->step * a->step * a->length + line % a->step;
}

/* The axis in the second argument, counted from 1; the last one where there is none. */
static caustic_result read_axis(slong * axis, builder * b, const caustic_tensor_struct * argument, slong length)
{
    *axis = argument->rank;
    if (argument->rank == 0)
        return fail(b, "expected a vector, a matrix or a larger array; found a scalar");
    if (length > 1)
        TRY(integer_argument(axis, b, argument + 1, 1, argument->rank, "the axis"));
    *axis -= 1;
    return CAUSTIC_OK;
}

/* An array of the same shape without one axis. */
static caustic_result room_without_axis(caustic_tensor_struct * out, builder * b, const caustic_tensor_struct * x, slong axis)
{
    slong shape[CAUSTIC_TENSOR_RANK], rank = 0;

    for (slong k = 0; k < x->rank; k++)
        if (k != axis)
            shape[rank++] = x->shape[k];
    return tensor_room(out, b, rank, shape, x->rows);
}

/* Sums *******************************************************************************************/

/* total(x), total(x, axis), and with the mean average(x), average(x, axis). */
static caustic_result add_up(caustic_tensor_struct * out, builder * b, const caustic_tensor_struct * x, slong length, int mean)
{
    axis_struct a = {1, x->entries, 1};
    caustic_expr * term;
    slong axis;

    if (length == 1)
    {
        TRY(tensor_room(out, b, 0, NULL, x->rows));
    }
    else
    {
        TRY(read_axis(&axis, b, x, length));
        a = axis_of(x, axis);
        TRY(room_without_axis(out, b, x, axis));
    }
    term = flint_malloc((size_t) a.length * sizeof(caustic_expr));
    for (slong row = 0; row < FLINT_MAX(x->rows, 1); row++)
    {
        for (slong i = 0; i < a.lines; i++)
        {
            caustic_expr * sum = out->entry + row * out->entries + i;

            for (slong j = 0; j < a.length; j++)
                term[j] = tensor_row(x, row)[line_start(&a, i) + j * a.step];
            *sum = build_sum(b, term, a.length);
            if (mean)
                *sum = build_over(b, *sum, a.length);
        }
    }
    flint_free(term);
    return tensor_finish(out, b);
}

static caustic_result total(caustic_tensor_struct * out, builder * b, const caustic_tensor_struct * argument, slong length)
{
    return add_up(out, b, argument, length, 0);
}

static caustic_result average(caustic_tensor_struct * out, builder * b, const caustic_tensor_struct * argument, slong length)
{
    return add_up(out, b, argument, length, 1);
}

/* mean(x), sum(x): over the data rows. */
static caustic_result over_rows(caustic_tensor_struct * out, builder * b, const caustic_tensor_struct * x, int mean)
{
    slong rows = b->data == NULL ? 0 : b->data->rows;
    caustic_expr * term;

    if (rows == 0)
        return fail(b, "%s(...) runs over data rows, and there is no data here; total(...) and average(...) run over the entries"
            " of an array", mean ? "mean" : "sum");
    TRY(tensor_room(out, b, x->rank, x->shape, 0));
    TRY(expect_work(b, (double) rows * (double) x->entries));
    term = flint_malloc((size_t) rows * sizeof(caustic_expr));
    for (slong i = 0; i < x->entries; i++)
    {
        for (slong row = 0; row < rows; row++)
            term[row] = tensor_row(x, row)[i];
        out->entry[i] = build_sum(b, term, rows);
        if (mean)
            out->entry[i] = build_over(b, out->entry[i], rows);
    }
    flint_free(term);
    return tensor_finish(out, b);
}

static caustic_result mean_of_rows(caustic_tensor_struct * out, builder * b, const caustic_tensor_struct * argument, slong length)
{
    (void) length;
    return over_rows(out, b, argument, 1);
}

static caustic_result sum_of_rows(caustic_tensor_struct * out, builder * b, const caustic_tensor_struct * argument, slong length)
{
    (void) length;
    return over_rows(out, b, argument, 0);
}

/* Shapes *****************************************************************************************/

/* reshape(x, m, n, ...): the same entries, the last index running fastest. */
static caustic_result reshape(caustic_tensor_struct * out, builder * b, const caustic_tensor_struct * argument, slong length)
{
    slong shape[CAUSTIC_TENSOR_RANK], entries = 1;
    char text[SHAPE_TEXT];

    for (slong k = 1; k < length; k++)
    {
        TRY(integer_argument(shape + k - 1, b, argument + k, 1, CAUSTIC_TENSOR_ENTRIES, "a side of the new shape"));
        entries = entries > CAUSTIC_TENSOR_ENTRIES ? entries : entries * shape[k - 1];
    }
    if (entries != argument->entries)
        return fail(b, "reshape(...) keeps the number of entries; found %s with " WORD_FMT "d", tensor_shape_text(text, argument),
            argument->entries);
    TRY(tensor_room(out, b, length - 1, shape, argument->rows));
    memcpy(out->entry, argument->entry, (size_t) (FLINT_MAX(out->rows, 1) * out->entries) * sizeof(caustic_expr));
    return tensor_finish(out, b);
}

static caustic_result identity(caustic_tensor_struct * out, builder * b, const caustic_tensor_struct * argument, slong length)
{
    slong n, shape[2];

    (void) length;
    TRY(integer_argument(&n, b, argument, 1, 300, "the side of the identity matrix"));
    shape[0] = shape[1] = n;
    TRY(tensor_room(out, b, 2, shape, 0));
    for (slong i = 0; i < n * n; i++)
        out->entry[i] = caustic_integer(b->pool, i % (n + 1) == 0);
    return tensor_finish(out, b);
}

/* Activations ************************************************************************************/

/* c x + (1 - c) relu(x) */
static caustic_result leaky_relu(caustic_tensor_struct * out, builder * b, const caustic_tensor_struct * argument, slong length)
{
    caustic_expr slope = argument[1].entry[0], rest = caustic_sub(b->pool, caustic_integer(b->pool, 1), slope);

    (void) length;
    if (argument[1].rank != 0 || argument[1].rows != 0)
        return fail(b, "the slope of leakyrelu(x, slope) is a scalar");
    TRY(tensor_map(out, b, CAUSTIC_OP_RELU, argument));
    for (slong i = 0; i < FLINT_MAX(out->rows, 1) * out->entries; i++)
        out->entry[i] = build_sum(b,
            (caustic_expr []) {build_mul(b, slope, argument->entry[i]), build_mul(b, rest, out->entry[i])}, 2);
    return tensor_finish(out, b);
}

/* x sigmoid(x) */
static caustic_result silu(caustic_tensor_struct * out, builder * b, const caustic_tensor_struct * argument, slong length)
{
    (void) length;
    TRY(tensor_map(out, b, CAUSTIC_OP_SIGMOID, argument));
    for (slong i = 0; i < FLINT_MAX(out->rows, 1) * out->entries; i++)
        out->entry[i] = build_mul(b, argument->entry[i], out->entry[i]);
    return tensor_finish(out, b);
}

/* x (1 + erf(x/sqrt(2)))/2 */
static caustic_result gelu(caustic_tensor_struct * out, builder * b, const caustic_tensor_struct * argument, slong length)
{
    caustic_expr root = caustic_sqrt(b->pool, caustic_integer(b->pool, 2)), one = caustic_integer(b->pool, 1);

    (void) length;
    TRY(tensor_room(out, b, argument->rank, argument->shape, argument->rows));
    for (slong i = 0; i < FLINT_MAX(out->rows, 1) * out->entries; i++)
    {
        caustic_expr x = argument->entry[i], e = build_function(b, CAUSTIC_OP_ERF, build_div(b, x, root));

        out->entry[i] = build_over(b, build_mul(b, x, build_sum(b, (caustic_expr []) {one, e}, 2)), 2);
    }
    return tensor_finish(out, b);
}

/* Softmax and normalisation **********************************************************************/

/* exp(x_i)/sum_j exp(x_j) along an axis */
static caustic_result softmax(caustic_tensor_struct * out, builder * b, const caustic_tensor_struct * argument, slong length)
{
    axis_struct a;
    caustic_expr * e;
    slong axis;

    TRY(read_axis(&axis, b, argument, length));
    TRY(tensor_room(out, b, argument->rank, argument->shape, argument->rows));
    a = axis_of(argument, axis);
    e = flint_malloc((size_t) a.length * sizeof(caustic_expr));
    for (slong row = 0; row < FLINT_MAX(out->rows, 1); row++)
    {
        for (slong i = 0; i < a.lines; i++)
        {
            caustic_expr sum;

            for (slong j = 0; j < a.length; j++)
                e[j] = build_function(b, CAUSTIC_OP_EXP, tensor_row(argument, row)[line_start(&a, i) + j * a.step]);
            sum = build_sum(b, e, a.length);
            for (slong j = 0; j < a.length; j++)
                out->entry[row * out->entries + line_start(&a, i) + j * a.step] = build_div(b, e[j], sum);
        }
    }
    flint_free(e);
    return tensor_finish(out, b);
}

/* Makes of n values (x - m)/sqrt(v + eps), m and v their mean and variance; without `centred` m is 0 and v the
   mean square. */
static void normalise(caustic_expr * x, slong n, int centred, caustic_expr eps, builder * b)
{
    caustic_expr mean = caustic_integer(b->pool, 0), variance, scale;

    if (centred)
        mean = build_over(b, build_sum(b, x, n), n);
    for (slong i = 0; i < n && centred; i++)
        x[i] = build_sub(b, x[i], mean);
    variance = build_over(b, build_dot(b, x, 1, x, 1, n), n);
    scale = build_function(b, CAUSTIC_OP_POWER, build_sum(b, (caustic_expr []) {variance, eps}, 2));
    for (slong i = 0; i < n; i++)
        x[i] = build_div(b, x[i], scale);
}

/* The number added to a variance: the second argument, 0 where there is none. */
static caustic_result read_eps(caustic_expr * eps, builder * b, const caustic_tensor_struct * argument, slong length)
{
    *eps = length > 1 ? argument[1].entry[0] : caustic_integer(b->pool, 0);
    if (length > 1 && (argument[1].rank != 0 || argument[1].rows != 0))
        return fail(b, "what is added to the variance is a scalar");
    return CAUSTIC_OK;
}

/* layernorm(x), rmsnorm(x): along the last axis. */
static caustic_result normalise_last(caustic_tensor_struct * out, builder * b, const caustic_tensor_struct * argument, slong length,
    int centred)
{
    slong axis;
    caustic_expr eps;

    TRY(read_axis(&axis, b, argument, 1));
    TRY(read_eps(&eps, b, argument, length));
    TRY(tensor_room(out, b, argument->rank, argument->shape, argument->rows));
    memcpy(out->entry, argument->entry, (size_t) (FLINT_MAX(out->rows, 1) * out->entries) * sizeof(caustic_expr));
    for (slong i = 0; i < FLINT_MAX(out->rows, 1) * out->entries; i += out->shape[axis])
        normalise(out->entry + i, out->shape[axis], centred, eps, b);
    return tensor_finish(out, b);
}

static caustic_result layer_norm(caustic_tensor_struct * out, builder * b, const caustic_tensor_struct * argument, slong length)
{
    return normalise_last(out, b, argument, length, 1);
}

static caustic_result rms_norm(caustic_tensor_struct * out, builder * b, const caustic_tensor_struct * argument, slong length)
{
    return normalise_last(out, b, argument, length, 0);
}

/* Over the data rows and all entries of one channel. */
static caustic_result normalise_channels(caustic_tensor_struct * out, builder * b, const caustic_tensor_struct * x, slong length,
    slong channels)
{
    slong rows = FLINT_MAX(x->rows, 1), each = x->entries / channels;
    caustic_expr * value;
    caustic_expr eps;

    TRY(read_eps(&eps, b, x, length));
    TRY(tensor_room(out, b, x->rank, x->shape, x->rows));
    value = flint_malloc((size_t) (rows * each) * sizeof(caustic_expr));
    for (slong c = 0; c < channels; c++)
    {
        for (slong i = 0; i < rows * each; i++)
            value[i] = x->entry[i * channels + c];
        normalise(value, rows * each, 1, eps, b);
        for (slong i = 0; i < rows * each; i++)
            out->entry[i * channels + c] = value[i];
    }
    flint_free(value);
    return tensor_finish(out, b);
}

/* batchnorm(x): each index of the last axis, over the data rows and all other axes. */
static caustic_result batch_norm(caustic_tensor_struct * out, builder * b, const caustic_tensor_struct * argument, slong length)
{
    return normalise_channels(out, b, argument, length, argument->rank == 0 ? 1 : argument->shape[argument->rank - 1]);
}

/* standardize(x): all entries in all data rows. */
static caustic_result standardize(caustic_tensor_struct * out, builder * b, const caustic_tensor_struct * argument, slong length)
{
    return normalise_channels(out, b, argument, length, 1);
}

/* Convolution ************************************************************************************/

/* y[p, o] = sum_{k, c} x[p stride + k - padding, c] w[k, c, o], p and k over the positions' axes. */
typedef struct
{
    slong axes; /* of positions */
    slong in[CAUSTIC_TENSOR_RANK], kernel[CAUSTIC_TENSOR_RANK], out[CAUSTIC_TENSOR_RANK];
    slong channels_in, channels_out;
    slong kernels, positions; /* products of the sides */
    slong stride, padding;
}
convolution_struct;

/* Where the kernel's k-th entry meets the input at output position p; -1 in the padding. */
static slong input_position(const convolution_struct * s, slong p, slong k)
{
    slong at = 0, step = 1;

    for (slong axis = s->axes - 1; axis >= 0; axis--)
    {
        slong i = p % s->out[axis] * s->stride + k % s->kernel[axis] - s->padding;

        if (i < 0 || i >= s->in[axis])
            return -1;
        at += step * i;
        step *= s->in[axis];
        p /= s->out[axis];
        k /= s->kernel[axis];
    }
    return at;
}

static caustic_result read_convolution(convolution_struct * s, builder * b, const caustic_tensor_struct * x,
    const caustic_tensor_struct * w, slong length)
{
    int channels = w->rank == x->rank + 1;
    char left[SHAPE_TEXT], right[SHAPE_TEXT];

    memset(s, 0, sizeof(*s));
    s->axes = x->rank - channels;
    s->stride = s->channels_in = s->channels_out = s->kernels = s->positions = 1;
    if (s->axes < 1 || (!channels && w->rank != x->rank) || (channels && w->shape[w->rank - 2] != x->shape[x->rank - 1]))
        return fail(b, "conv(x, w) takes positions and a kernel of as many axes, or x of shape [positions..., channels in] and w of"
            " shape [kernel..., channels in, channels out]; found %s and %s", tensor_shape_text(left, x), tensor_shape_text(right, w));
    if (length > 2)
        TRY(integer_argument(&s->stride, b, x + 2, 1, CAUSTIC_TENSOR_ENTRIES, "the stride"));
    if (length > 3)
        TRY(integer_argument(&s->padding, b, x + 3, 0, CAUSTIC_TENSOR_ENTRIES, "the padding"));
    if (channels)
    {
        s->channels_in = w->shape[w->rank - 2];
        s->channels_out = w->shape[w->rank - 1];
    }
    for (slong k = 0; k < s->axes; k++)
    {
        s->in[k] = x->shape[k];
        s->kernel[k] = w->shape[k];
        if (s->in[k] + 2 * s->padding < s->kernel[k])
            return fail(b, "the kernel %s of conv(x, w) is longer than what it runs over, %s", tensor_shape_text(right, w),
                tensor_shape_text(left, x));
        s->out[k] = (s->in[k] + 2 * s->padding - s->kernel[k]) / s->stride + 1;
        if (s->out[k] > CAUSTIC_TENSOR_ENTRIES / s->positions)
            return fail(b, "the result of conv(...) would have more than %d entries, the limit", CAUSTIC_TENSOR_ENTRIES);
        s->kernels *= s->kernel[k];
        s->positions *= s->out[k];
    }
    return CAUSTIC_OK;
}

static caustic_expr convolve(const convolution_struct * s, const caustic_expr * x, const caustic_expr * w, slong p, slong o, builder * b)
{
    caustic_expr * term = flint_malloc((size_t) (s->kernels * s->channels_in) * sizeof(caustic_expr));
    slong terms = 0;
    caustic_expr sum;

    for (slong k = 0; k < s->kernels; k++)
    {
        slong at = input_position(s, p, k);

        for (slong c = 0; c < s->channels_in && at >= 0; c++)
            term[terms++] = build_mul(b, w[(k * s->channels_in + c) * s->channels_out + o], x[at * s->channels_in + c]);
    }
    sum = terms == 0 ? caustic_integer(b->pool, 0) : build_sum(b, term, terms);
    flint_free(term);
    return sum;
}

static caustic_result convolution(caustic_tensor_struct * out, builder * b, const caustic_tensor_struct * argument, slong length)
{
    const caustic_tensor_struct * x = argument, * w = argument + 1;
    convolution_struct s;
    slong shape[CAUSTIC_TENSOR_RANK];

    TRY(read_convolution(&s, b, x, w, length));
    for (slong k = 0; k < s.axes; k++)
        shape[k] = s.out[k];
    if (x->rank > s.axes)
        shape[s.axes] = s.channels_out;
    TRY(tensor_room(out, b, x->rank, shape, common_rows(x, w)));
    TRY(expect_work(b, (double) FLINT_MAX(out->rows, 1) * (double) out->entries * (double) (s.kernels * s.channels_in)));
    for (slong row = 0; row < FLINT_MAX(out->rows, 1); row++)
        for (slong p = 0; p < s.positions; p++)
            for (slong o = 0; o < s.channels_out; o++)
                out->entry[row * out->entries + p * s.channels_out + o]
                    = convolve(&s, tensor_row(x, row), tensor_row(w, row), p, o, b);
    return tensor_finish(out, b);
}

/* Attention **************************************************************************************/

/* softmax(Q K^T/sqrt(k)) V, the softmax along each row, k the columns of Q. */
static caustic_result attention(caustic_tensor_struct * out, builder * b, const caustic_tensor_struct * argument, slong length)
{
    caustic_tensor_t transposed, scores, weights;
    caustic_expr root;
    caustic_result result;

    (void) length;
    if (argument->rank != 2)
        return fail(b, "attention(Q, K, V) takes matrices with a row for each token");
    root = caustic_sqrt(b->pool, caustic_integer(b->pool, argument->shape[1]));
    caustic_tensor_init(transposed);
    caustic_tensor_init(scores);
    caustic_tensor_init(weights);

    result = tensor_transpose(transposed, b, argument + 1, 1);
    if (result == CAUSTIC_OK)
        result = tensor_product(scores, b, argument, transposed);
    for (slong i = 0; result == CAUSTIC_OK && i < FLINT_MAX(scores->rows, 1) * scores->entries; i++)
        scores->entry[i] = build_div(b, scores->entry[i], root);
    if (result == CAUSTIC_OK)
        result = softmax(weights, b, scores, 1);
    if (result == CAUSTIC_OK)
        result = tensor_product(out, b, weights, argument + 2);

    caustic_tensor_clear(transposed);
    caustic_tensor_clear(scores);
    caustic_tensor_clear(weights);
    return result;
}

/* Objectives *************************************************************************************/

/* What is summed over the entries of an output y and a target t of the same shape. */
typedef caustic_expr (* objective_term)(caustic_expr y, caustic_expr t, builder * b);

static caustic_result add_terms(caustic_tensor_struct * out, builder * b, const caustic_tensor_struct * y, objective_term term_of)
{
    const caustic_tensor_struct * t = y + 1;
    caustic_expr * term;
    char left[SHAPE_TEXT], right[SHAPE_TEXT];

    if (y->rank != t->rank || memcmp(y->shape, t->shape, (size_t) y->rank * sizeof(slong)) != 0)
        return fail(b, "output and target have the same shape; found %s and %s", tensor_shape_text(left, y), tensor_shape_text(right, t));
    TRY(tensor_room(out, b, 0, NULL, common_rows(y, t)));
    term = flint_malloc((size_t) y->entries * sizeof(caustic_expr));
    for (slong row = 0; row < FLINT_MAX(out->rows, 1); row++)
    {
        for (slong i = 0; i < y->entries; i++)
            term[i] = term_of(tensor_row(y, row)[i], tensor_row(t, row)[i], b);
        out->entry[row] = build_sum(b, term, y->entries);
    }
    flint_free(term);
    return tensor_finish(out, b);
}

/* (y - t)^2/2 */
static caustic_expr squared_error_term(caustic_expr y, caustic_expr t, builder * b)
{
    caustic_expr difference = build_sub(b, y, t);

    return build_over(b, build_mul(b, difference, difference), 2);
}

static caustic_result squared_error(caustic_tensor_struct * out, builder * b, const caustic_tensor_struct * argument, slong length)
{
    (void) length;
    return add_terms(out, b, argument, squared_error_term);
}

/* log(1 + exp(y)) - t y, for t = 0 or 1 */
static caustic_expr logistic_term(caustic_expr y, caustic_expr t, builder * b)
{
    return build_sub(b, build_function(b, CAUSTIC_OP_SOFTPLUS, y), build_mul(b, t, y));
}

static caustic_result logistic(caustic_tensor_struct * out, builder * b, const caustic_tensor_struct * argument, slong length)
{
    (void) length;
    return add_terms(out, b, argument, logistic_term);
}

/* sum_i p_i (log sum_j exp(y_j) - y_i), p the probabilities of the classes. */
static caustic_result cross_entropy(caustic_tensor_struct * out, builder * b, const caustic_tensor_struct * argument, slong length)
{
    const caustic_tensor_struct * y = argument, * p = argument + 1;
    caustic_expr * term;

    (void) length;
    if (y->rank != 1 || p->rank != 1 || y->entries != p->entries)
        return fail(b, "crossentropy(y, p) takes two vectors of one length: scores and probabilities");
    TRY(tensor_room(out, b, 0, NULL, common_rows(y, p)));
    term = flint_malloc((size_t) y->entries * sizeof(caustic_expr));
    for (slong row = 0; row < FLINT_MAX(out->rows, 1); row++)
    {
        const caustic_expr * score = tensor_row(y, row), * weight = tensor_row(p, row);
        caustic_expr log_sum;

        for (slong i = 0; i < y->entries; i++)
            term[i] = build_function(b, CAUSTIC_OP_EXP, score[i]);
        log_sum = build_function(b, CAUSTIC_OP_LOG, build_sum(b, term, y->entries));
        for (slong i = 0; i < y->entries; i++)
            term[i] = build_mul(b, weight[i], build_sub(b, log_sum, score[i]));
        out->entry[row] = build_sum(b, term, y->entries);
    }
    flint_free(term);
    return tensor_finish(out, b);
}

/* The table **************************************************************************************/

const network_function network_functions[] =
{
    {"mean", 1, 1, mean_of_rows},
    {"sum", 1, 1, sum_of_rows},
    {"total", 1, 2, total},
    {"average", 1, 2, average},
    {"transpose", 1, 1, tensor_transpose},
    {"reshape", 2, 1 + CAUSTIC_TENSOR_RANK, reshape},
    {"identity", 1, 1, identity},
    {"leakyrelu", 2, 2, leaky_relu},
    {"silu", 1, 1, silu},
    {"gelu", 1, 1, gelu},
    {"softmax", 1, 2, softmax},
    {"layernorm", 1, 2, layer_norm},
    {"rmsnorm", 1, 2, rms_norm},
    {"batchnorm", 1, 2, batch_norm},
    {"standardize", 1, 2, standardize},
    {"conv", 2, 4, convolution},
    {"attention", 3, 3, attention},
    {"squarederror", 2, 2, squared_error},
    {"logistic", 2, 2, logistic},
    {"crossentropy", 2, 2, cross_entropy}
};

const slong network_functions_length = sizeof(network_functions) / sizeof(network_functions[0]);
