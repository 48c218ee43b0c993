#include <cmath>

#include <tenon/nn/factory.h>
#include <tenon/nn/init.h>
#include <tenon/nn/layers.h>
#include <tenon/ops/functions.h>

namespace tenon::inline v0::nn {

LinearImpl::LinearImpl(int64_t in_features, int64_t out_features, LinearOptions o)
    : in_features(in_features), out_features(out_features) {
  weight = new_parameter({out_features, in_features}, o);
  bias = o.bias ? new_parameter({out_features}, o) : Tensor();
  reset_parameters();
}

void LinearImpl::reset_parameters() {
  init::kaiming_uniform_(weight, std::sqrt(5.0));
  if (!bias.defined()) return;
  const double bound = in_features > 0 ? 1 / std::sqrt(static_cast<double>(in_features)) : 0;
  init::uniform_(bias, -bound, bound);
}

Tensor LinearImpl::forward(Tensor x) { return linear(x, weight, bias); }

std::string LinearImpl::extra_repr() const {
  return text("in_features=", in_features, ", out_features=", out_features,
              ", bias=", !bias.present || bias.value.defined());
}

Tensor FlattenImpl::forward(Tensor x) { return flatten(x, start_dim, end_dim); }
std::string FlattenImpl::extra_repr() const { return text("start_dim=", start_dim, ", end_dim=", end_dim); }

EmbeddingImpl::EmbeddingImpl(int64_t num_embeddings, int64_t embedding_dim, EmbeddingOptions o)
    : num_embeddings(num_embeddings), embedding_dim(embedding_dim), padding_idx(o.padding_idx) {
  if (padding_idx) {
    check<ValueError>(*padding_idx < num_embeddings && *padding_idx >= -num_embeddings,
                      "Padding_idx must be within num_embeddings, got ", *padding_idx, " and ", num_embeddings);
    if (*padding_idx < 0) padding_idx = *padding_idx + num_embeddings;
  }
  weight = new_parameter({num_embeddings, embedding_dim}, o);
  reset_parameters();
}

void EmbeddingImpl::reset_parameters() {
  init::normal_(weight);
  if (!padding_idx) return;
  NoGrad no_grad;
  select(weight, 0, *padding_idx).fill_(0);
}

Tensor EmbeddingImpl::forward(Tensor indices) { return embedding(indices, weight, padding_idx); }

std::string EmbeddingImpl::extra_repr() const {
  return text(num_embeddings, ", ", embedding_dim, padding_idx ? ", padding_idx=" + std::to_string(*padding_idx) : "");
}

}  // namespace tenon::inline v0::nn
