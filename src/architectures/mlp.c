/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    Multilayer perceptrons: units that may be rescaled, units whose sign may be flipped, biases that
    may be shifted.
*/

#include "preset.h"

#define NETWORK_PARAMETERS 5000 /* a torus is reduced by integer matrices; the dense metric takes 100 MB */

/* Chains *************************************************************************************/

/* Depth D: weights w1..wD > 0 of one path; each hidden unit may be rescaled, w_i by 1/c and
   w_(i+1) by c. The inverse metric diag(w_i^2) is the one that every rescaling preserves. */
void
write_relu_chain(preset_writer * writer)
{
    slong depth = writer->option[0].integer;
    caustic_expr * w = preset_room(writer, depth);
    caustic_expr z;

    preset_begin(writer, depth, depth - 1, 0, 1);

    for (slong i = 0; i < depth; i++)
    {
        w[i] = preset_parameter(writer, preset_name(writer, "w", i, depth), 1);
        preset_metric(writer, i, i, caustic_power_si(writer->pool, w[i], 2));
    }
    z = preset_coordinate(writer, "z", caustic_product(writer->pool, w, depth), 1);

    for (slong i = 0; i < depth; i++)
        preset_section(writer, i, i < depth - 1 ? preset_integer(writer, 1) : z);

    for (slong i = 0; i < depth - 1; i++)
    {
        preset_generator(writer, i, i, caustic_neg(writer->pool, w[i]));
        preset_generator(writer, i, i + 1, w[i + 1]);
    }

    preset_say(writer, "Parameters: the weights w1, ..., w" WORD_FMT "d > 0 of a path."
        " Group: each hidden unit is rescaled, w_i -> w_i/c and w_(i+1) -> c w_(i+1), c > 0."
        " Inverse metric: w_i^2 for each weight."
        " Left out: paths with other signs or a zero; a zero weight is infinitely far away, so signs never mix.", depth);
}

/* Neurons ************************************************************************************/

/* (a, w) -> (a/c, c w), of a unit whose incoming weights are w and whose outgoing ones a. */
static void
rescale_unit(preset_writer * writer, const caustic_expr * a, slong outputs, const caustic_expr * w, slong inputs)
{
    for (slong i = 0; i < outputs; i++)
        preset_generator(writer, 0, i, caustic_neg(writer->pool, a[i]));

    for (slong j = 0; j < inputs; j++)
        preset_generator(writer, 0, outputs + j, w[j]);
}

/* |x|^2 I for parameters that begin at number `first`. */
static void
conformal_metric(preset_writer * writer, slong first, const caustic_expr * x, slong length)
{
    caustic_expr square = preset_sum_of_squares(writer, x, length);

    for (slong i = 0; i < length; i++)
        preset_metric(writer, first + i, first + i, square);
}

/* Where one side is a single weight, which is positive, it is made 1 and the other side is what is left: z = a w, in full. */
static void
write_vector_neuron(preset_writer * writer, slong inputs, slong outputs)
{
    slong n = FLINT_MAX(inputs, outputs);
    int fan_out = outputs > 1;
    caustic_expr * a = preset_room(writer, outputs), * w = preset_room(writer, inputs);
    const caustic_expr * vector = fan_out ? a : w, * scalar = fan_out ? w : a;
    const char * vector_name = fan_out ? "a" : "w", * scalar_name = fan_out ? "w" : "a";

    preset_begin(writer, inputs + outputs, 1, 0, n);

    for (slong i = 0; i < outputs; i++)
        a[i] = preset_parameter(writer, preset_name(writer, "a", i, outputs), outputs == 1);

    for (slong j = 0; j < inputs; j++)
        w[j] = preset_parameter(writer, preset_name(writer, "w", j, inputs), inputs == 1);

    conformal_metric(writer, 0, a, outputs);
    conformal_metric(writer, outputs, w, inputs);
    rescale_unit(writer, a, outputs, w, inputs);

    preset_section(writer, fan_out ? outputs : 0, preset_integer(writer, 1));
    for (slong i = 0; i < n; i++)
        preset_section(writer, (fan_out ? 0 : outputs) + i, preset_coordinate(writer, preset_name(writer, "z", i, n),
            caustic_mul(writer->pool, scalar[0], vector[i]), n == 1));

    if (n == 1)
    {
        preset_say(writer, "Parameters: a > 0 and w > 0. Group: (a, w) -> (a/c, c w), c > 0. Inverse metric: a^2, w^2."
            " Left out: other signs and zeros; a zero is infinitely far away, so signs never mix.");
        return;
    }
    preset_stratum(writer, preset_sum_of_squares(writer, vector, n));
    preset_say(writer, "Parameters: %s > 0 and %s in R^" WORD_FMT "d without 0. Group: (a, w) -> (a/c, c w), c > 0."
        " Inverse metric: |a|^2 I, |w|^2 I. Left out: %s <= 0 and %s = 0; zero is infinitely far away, so the signs of %s never mix.",
        scalar_name, vector_name, n, scalar_name, vector_name, scalar_name);
}

/* The matrix m = a w^T has rank one: its first row and first column are coordinates where m11 is not 0. */
static void
write_matrix_neuron(preset_writer * writer, slong inputs, slong outputs)
{
    caustic_expr * a = preset_room(writer, outputs), * w = preset_room(writer, inputs);
    caustic_expr corner = CAUSTIC_NONE;

    preset_begin(writer, inputs + outputs, 1, 0, inputs + outputs - 1);

    for (slong i = 0; i < outputs; i++)
        a[i] = preset_parameter(writer, preset_name(writer, "a", i, outputs), i == 0);

    for (slong j = 0; j < inputs; j++)
        w[j] = preset_parameter(writer, preset_name(writer, "w", j, inputs), 0);

    conformal_metric(writer, 0, a, outputs);
    conformal_metric(writer, outputs, w, inputs);
    rescale_unit(writer, a, outputs, w, inputs);

    preset_section(writer, 0, preset_integer(writer, 1));
    for (slong j = 0; j < inputs; j++)
    {
        caustic_expr m = preset_coordinate(writer, preset_entry_name(writer, "m", 0, j, outputs, inputs),
            caustic_mul(writer->pool, a[0], w[j]), 0);

        corner = j == 0 ? m : corner;
        preset_section(writer, outputs + j, m);
    }
    for (slong i = 1; i < outputs; i++)
        preset_section(writer, i, caustic_div(writer->pool, preset_coordinate(writer,
            preset_entry_name(writer, "m", i, 0, outputs, inputs), caustic_mul(writer->pool, a[i], w[0]), 0), corner));

    preset_stratum(writer, w[0]);
    preset_say(writer, "Parameters: a in R^" WORD_FMT "d with a1 > 0 and w in R^" WORD_FMT "d with w1 not 0."
        " Group: (a, w) -> (a/c, c w), c > 0. Inverse metric: |a|^2 I, |w|^2 I."
        " Left out: a1 <= 0 and w1 = 0, because the coordinates, the first row and the first column of a w^T, need its corner.",
        outputs, inputs);
}

/* |w|^2 I on R^n without 0 is r^2 d_r^2 + the round unit sphere, and the group moves r alone. */
static void
write_polar_neuron(preset_writer * writer, slong inputs, slong outputs)
{
    caustic_expr a, r, z;

    preset_begin(writer, 2, 1, 0, 1);
    a = preset_parameter(writer, "a", 1);
    r = preset_parameter(writer, "r", 1);
    preset_metric(writer, 0, 0, caustic_power_si(writer->pool, a, 2));
    preset_metric(writer, 1, 1, caustic_power_si(writer->pool, r, 2));
    rescale_unit(writer, &a, 1, &r, 1);
    z = preset_coordinate(writer, "z", caustic_mul(writer->pool, a, r), 1);
    preset_section(writer, 0, preset_integer(writer, 1));
    preset_section(writer, 1, z);

    if (outputs > 1)
        preset_sphere(writer, outputs - 1, 0);
    if (inputs > 1)
        preset_sphere(writer, inputs - 1, 1);

    preset_say(writer, "Parameters: outgoing weights in R^" WORD_FMT "d and incoming weights in R^" WORD_FMT "d, both without 0,"
        " in polar coordinates: their lengths a and r, and their directions on unit spheres%s."
        " Group: (a, r) -> (a/c, c r), c > 0; it leaves directions in place."
        " Inverse metric: |w|^2 I on a vector w, which is the square of its length and the round unit sphere."
        " Left out: zero vectors%s; they are infinitely far away.", outputs, inputs,
        inputs == 1 || outputs == 1 ? " (a single weight is positive)" : "",
        inputs == 1 || outputs == 1 ? " and a single weight below 0" : "");
}

static void
write_neuron(preset_writer * writer, slong inputs, slong outputs)
{
    if (inputs + outputs > PRESET_WRITTEN_OUT)
        write_polar_neuron(writer, inputs, outputs);
    else if (inputs == 1 || outputs == 1)
        write_vector_neuron(writer, inputs, outputs);
    else
        write_matrix_neuron(writer, inputs, outputs);
}

void
write_relu_neuron(preset_writer * writer)
{
    write_neuron(writer, writer->option[0].integer, writer->option[1].integer);
}

/* A layer with one output is a product of neurons. */
void
write_relu_layer(preset_writer * writer)
{
    write_neuron(writer, writer->option[0].integer, 1);
    preset_copies(writer, writer->option[1].integer, "units");
}

/* The weights of a channel are shared over positions: with a scalar readout it is a neuron that sees a window. */
void
write_conv_relu(preset_writer * writer)
{
    slong kernel = writer->option[0].integer, channels = writer->option[1].integer, inputs = writer->option[2].integer;

    if (!preset_fits(writer, 0, kernel * inputs, PRESET_NUMBER))
        return;

    write_neuron(writer, kernel * inputs, 1);
    preset_copies(writer, channels, "channels");
}

/* Networks ***********************************************************************************/

/* A hidden unit with all its weights, of a network with one hidden layer. */
static void
write_chamber_neuron(preset_writer * writer, slong inputs, slong outputs)
{
    slong n = inputs + outputs;
    caustic_expr * a = preset_room(writer, outputs), * w = preset_room(writer, inputs);
    caustic_expr first = CAUSTIC_NONE;

    if (!preset_fits(writer, 0, n, NETWORK_PARAMETERS))
        return;

    preset_begin(writer, n, 1, 0, n - 1);

    for (slong i = 0; i < outputs; i++)
    {
        a[i] = preset_parameter(writer, preset_name(writer, "a", i, outputs), 1);
        preset_metric(writer, i, i, caustic_power_si(writer->pool, a[i], 2));
    }
    for (slong j = 0; j < inputs; j++)
    {
        w[j] = preset_parameter(writer, preset_name(writer, "w", j, inputs), 1);
        preset_metric(writer, outputs + j, outputs + j, caustic_power_si(writer->pool, w[j], 2));
    }
    rescale_unit(writer, a, outputs, w, inputs);

    preset_section(writer, 0, preset_integer(writer, 1));
    for (slong j = 0; j < inputs; j++)
    {
        caustic_expr z = preset_coordinate(writer, preset_name(writer, "z", j, n - 1), caustic_mul(writer->pool, a[0], w[j]), 1);

        first = j == 0 ? z : first;
        preset_section(writer, outputs + j, z);
    }
    for (slong i = 1; i < outputs; i++)
        preset_section(writer, i, caustic_div(writer->pool, preset_coordinate(writer,
            preset_name(writer, "z", inputs + i - 1, n - 1), caustic_mul(writer->pool, a[i], w[0]), 1), first));

    preset_say(writer, "Parameters: a hidden unit's outgoing weights a and incoming weights w, all positive.");
}

/* The weights of a network with several hidden layers. Layer l has the weight weight[l][j*from + i] of
   the edge from unit i of layer l-1 to unit j of layer l; units count from 0. */
typedef struct
{
    slong layers;
    const slong * width;
    caustic_expr ** weight;
    caustic_expr ** coordinate; /* of the path through an edge; CAUSTIC_NONE where another edge has the same */
    slong * first;              /* the number of a layer's first parameter */
    caustic_expr * before;      /* the product of the edges from unit 0 to unit 0 up to a layer */
    caustic_expr * after;       /* and of those behind it */
}
network;

/* The path from the first input by way of first units to unit i of a layer. */
static caustic_expr
path_to(preset_writer * writer, const network * net, slong layer, slong i)
{
    if (layer == 0)
        return preset_integer(writer, 1);

    return caustic_mul(writer->pool, net->before[layer - 1], net->weight[layer][i * net->width[layer - 1]]);
}

/* The path from unit j of a layer by way of first units to the first output. */
static caustic_expr
path_from(preset_writer * writer, const network * net, slong layer, slong j)
{
    if (layer == net->layers)
        return preset_integer(writer, 1);

    return caustic_mul(writer->pool, net->weight[layer + 1][j], net->after[layer + 1]);
}

/* On the section, where path_from is 1 everywhere, path_to is the coordinate of the path to its last edge. */
static caustic_expr
coordinate_of_path_to(const network * net, slong layer, slong i)
{
    return layer == 1 || i > 0 ? net->coordinate[layer][i * net->width[layer - 1]] : net->coordinate[1][0];
}

static void
declare_network(preset_writer * writer, network * net)
{
    slong a = 0;

    for (slong l = 1; l <= net->layers; l++)
    {
        slong rows = net->width[l], columns = net->width[l - 1];
        const char letter[2] = { PRESET_LETTERS[l - 1], 0 };

        net->first[l] = a;
        net->weight[l] = preset_room(writer, rows * columns);
        net->coordinate[l] = preset_room(writer, rows * columns);

        for (slong e = 0; e < rows * columns; e++, a++)
        {
            net->weight[l][e] = preset_parameter(writer,
                preset_entry_name(writer, letter, e / columns, e % columns, rows, columns), 1);
            preset_metric(writer, a, a, caustic_power_si(writer->pool, net->weight[l][e], 2));
        }
    }

    net->before[0] = net->after[net->layers] = preset_integer(writer, 1);
    for (slong l = 1; l <= net->layers; l++)
        net->before[l] = caustic_mul(writer->pool, net->before[l - 1], net->weight[l][0]);
    for (slong l = net->layers; l >= 1; l--)
        net->after[l - 1] = caustic_mul(writer->pool, net->weight[l][0], net->after[l]);
}

/* Unit i of layer l: its incoming weights by c, its outgoing ones by 1/c. */
static void
rescale_network(preset_writer * writer, const network * net)
{
    slong generator = 0;

    for (slong l = 1; l < net->layers; l++)
        for (slong i = 0; i < net->width[l]; i++, generator++)
        {
            for (slong e = i * net->width[l - 1]; e < (i + 1) * net->width[l - 1]; e++)
                preset_generator(writer, generator, net->first[l] + e, net->weight[l][e]);
            for (slong e = i; e < net->width[l + 1] * net->width[l]; e += net->width[l])
                preset_generator(writer, generator, net->first[l + 1] + e, caustic_neg(writer->pool, net->weight[l + 1][e]));
        }
}

/* The coordinate of an edge is the product of the weights on the path through it that otherwise goes by
   way of first units. A hidden unit's edge to the first unit of the next layer has the same path as
   its edge from the first unit: the section makes the former 1. */
static void
write_paths(preset_writer * writer, network * net, slong coordinates)
{
    slong number = 0;

    for (slong l = 1; l <= net->layers; l++)
        for (slong j = 0; j < net->width[l]; j++)
            for (slong i = 0; i < net->width[l - 1]; i++)
            {
                slong e = j * net->width[l - 1] + i;
                caustic_expr path[3];

                if (l > 1 && j == 0)
                {
                    preset_section(writer, net->first[l] + e, preset_integer(writer, 1));
                    continue;
                }
                path[0] = path_to(writer, net, l - 1, i);
                path[1] = net->weight[l][e];
                path[2] = path_from(writer, net, l, j);
                net->coordinate[l][e] = preset_coordinate(writer, preset_name(writer, "z", number++, coordinates),
                    caustic_product(writer->pool, path, 3), 1);
                preset_section(writer, net->first[l] + e, l == 1 ? net->coordinate[l][e]
                    : caustic_div(writer->pool, net->coordinate[l][e], coordinate_of_path_to(net, l - 1, i)));
            }
}

void
write_relu_network(preset_writer * writer)
{
    network net = { writer->option[0].length - 1, writer->option[0].list, NULL, NULL, NULL, NULL, NULL };
    slong parameters = 0, hidden = 0;

    if (net.layers == 2)
    {
        write_chamber_neuron(writer, net.width[0], net.width[2]);
        if (writer->result == CAUSTIC_OK)
            preset_copies(writer, net.width[1], "units");
    }
    else
    {
        caustic_expr * weight[PRESET_LAYERS + 1] = { NULL }, * coordinate[PRESET_LAYERS + 1] = { NULL };
        caustic_expr before[PRESET_LAYERS + 1], after[PRESET_LAYERS + 1];
        slong first[PRESET_LAYERS + 1] = { 0 };

        for (slong l = 1; l <= net.layers; l++)
        {
            parameters += net.width[l] * net.width[l - 1];
            hidden += l < net.layers ? net.width[l] : 0;
        }
        if (!preset_fits(writer, 0, parameters, NETWORK_PARAMETERS))
            return;

        net.weight = weight;
        net.coordinate = coordinate;
        net.before = before;
        net.after = after;
        net.first = first;
        preset_begin(writer, parameters, hidden, 0, parameters - hidden);
        declare_network(writer, &net);
        rescale_network(writer, &net);
        write_paths(writer, &net, parameters - hidden);
        preset_say(writer, "Parameters: the weights of all layers, all positive, with a letter for a layer: a21 leads from the first"
            " input to the second unit of the first layer.");
    }
    if (writer->result == CAUSTIC_OK)
        preset_say(writer, "Group: each hidden unit is rescaled, its incoming weights by c and its outgoing ones by 1/c, c > 0."
            " Inverse metric: w^2 for each weight w. Left out: other signs and zeros; a zero weight is infinitely far away, so signs"
            " never mix.");
}

/* Sign flips *********************************************************************************/

/* An odd activation: a unit's sign may be flipped. The group is finite, so the quotient is covered by
   parameter space itself, whose coordinates the elements permute and flip. */
void
write_tanh_layer(preset_writer * writer)
{
    slong inputs = writer->option[0].integer, n = inputs + 1;

    preset_begin(writer, n, 0, 1, n);

    for (slong i = 0; i < n; i++)
    {
        caustic_expr x = preset_parameter(writer,
            i == 0 ? "a" : preset_name(writer, "w", i - 1, inputs), 0);

        preset_metric(writer, i, i, preset_integer(writer, 1));
        preset_element(writer, 0, i, caustic_neg(writer->pool, x));
        preset_section(writer, i, preset_coordinate(writer, preset_name(writer, "z", i, n), x, 0));
    }

    preset_say(writer, "Parameters: a and w in R^" WORD_FMT "d. Group: the sign flip (a, w) -> (-a, -w). Inverse metric: Euclidean."
        " Left out of the chamber: the unit without weights, which its flip does not move; the equations hold on the cover, R^"
        WORD_FMT "d.", inputs, n);
    preset_copies(writer, writer->option[1].integer, "units");
}

/* Shifts *************************************************************************************/

/* softmax(b + s 1) = softmax(b). */
void
write_softmax_bias(preset_writer * writer)
{
    slong n = writer->option[0].integer;
    caustic_expr * b = preset_room(writer, n);

    preset_begin(writer, n, 1, 0, n - 1);

    for (slong i = 0; i < n; i++)
    {
        b[i] = preset_parameter(writer, preset_name(writer, "b", i, n), 0);
        preset_metric(writer, i, i, preset_integer(writer, 1));
        preset_generator(writer, 0, i, preset_integer(writer, 1));
    }
    for (slong i = 0; i < n - 1; i++)
        preset_section(writer, i, preset_coordinate(writer, preset_name(writer, "z", i, n - 1),
            caustic_sub(writer->pool, b[i], b[n - 1]), 0));
    preset_section(writer, n - 1, preset_integer(writer, 0));

    preset_say(writer, "Parameters: the biases b in R^" WORD_FMT "d. Group: b -> b + s(1, ..., 1). Inverse metric: Euclidean."
        " Nothing is left out.", n);
}
