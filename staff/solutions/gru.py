# %% [markdown]
# # Assignment 2-1: Recurrent Neural Networks
#
# A film review is a sequence: *"not bad at all"* and *"bad, not good at all"* share four words, and say the opposite.
# Something has to read the words in their order and remember what matters. In this notebook you build such a memory by
# hand, with its gradients. Then you let PyTorch's version of it read 25,000 reviews.
#
# | question | what you do | points | your time |
# |---|---|---|---|
# | 2-1-1a | a GRU's step forward | 10 | 20 to 40 minutes |
# | 2-1-1b | its gradients, with pen and paper first | 20 | 1 to 3 hours |
# | 2-1-2 | five models that tell good reviews from bad ones | 20 | 1 to 2 hours, and training |
#
# **Due: {{ deadline }}.** {{ late }} The times are guesses. Training the five models took us 25
# minutes on one core of a CPU.
#
# **How it works**
#
# - The notebook runs on Google Colab as it is: everything it imports is preinstalled there. Put the folder of the
#   assignment, unpacked, on your Drive; the first cell finds it. *Run all* works before you have written anything: a
#   cell whose question is not answered yet says so.
# - Write between the lines `IMPLEMENT YOUR CODE` and `END OF YOUR CODE`. You may add helper functions and cells.
# - Keep the names of functions and the order of their parameters: the grader calls them.
# - Think in whole tensors, not in loops over samples: vectorised code is shorter here, and much faster.
# - After each question stands a cell `check(...)`. It tries your answer on the public cases, here, in a moment. The
#   grader uses other cases of the same kind. Cells that are given (this text, checks, plots) are not graded.
# - Search the web before you write to a teaching assistant. The documentation of
#   [PyTorch](https://docs.pytorch.org/docs/stable/index.html) is good.
#
# **Before you hand in**
#
# - Name your collaborators and your references (web pages, too) in the last text of this notebook. Copied code without
#   its reference is a serious violation of the student code of conduct.
# - Erase prints and comments that nobody needs. **Do not clear the outputs.**
# - `sh CollectSubmission.sh 2000-00000`, with your student ID, packs both notebooks of the assignment and
#   `model_checkpoints/` into `{{ archive }}`. Upload that file.
#
# {{ limits }}

# %% [markdown] lang="ko"
# # 과제 2-1: 순환 신경망
#
# 영화 리뷰는 단어가 늘어선 시퀀스(sequence)입니다. *"not bad at all"*, *"bad, not good at all"*, 이 두 문장은 단어 네
# 개가 같지만 뜻은 정반대입니다. 그러니 단어를 순서대로 읽으면서 중요한 것을 기억해야 합니다. 이 노트북에서는 그런 기억
# 장치를 그래디언트(gradient)까지 포함하여 손으로 직접 만듭니다. 그다음에는 PyTorch에 들어 있는 같은 장치에 리뷰
# 25,000편을 읽힙니다.
#
# | 문항 | 할 일 | 점수 | 예상 시간 |
# |---|---|---|---|
# | 2-1-1a | GRU의 한 단계 순전파 | 10 | 20-40분 |
# | 2-1-1b | 그 그래디언트. 먼저 종이와 펜으로 유도합니다 | 20 | 1-3시간 |
# | 2-1-2 | 좋은 평과 나쁜 평을 구별하는 모델 다섯 개 | 20 | 1-2시간과 학습 시간 |
#
# **마감: {{ deadline }}.** {{ late }} 예상 시간은 어림값입니다. 조교가 모델 다섯 개를 CPU 코어 하나로 학습시켰을 때
# 25분이 걸렸습니다.
#
# **진행 방법**
#
# - 이 노트북은 Google Colab에서 그대로 실행됩니다. import하는 것은 모두 Colab에 미리 설치되어 있습니다. 과제 폴더의
#   압축을 풀어 Drive에 올려 두면 첫 번째 셀이 찾아냅니다. 아무것도 작성하지 않은 상태에서도 *모두 실행(Run all)* 이
#   됩니다. 아직 답하지 않은 문항의 셀은 그렇다고 알려 줍니다.
# - `IMPLEMENT YOUR CODE` 줄과 `END OF YOUR CODE` 줄 사이에 코드를 작성하세요. 보조 함수나 셀을 추가해도 됩니다.
# - 함수의 이름과 매개변수의 순서를 바꾸지 마세요. 채점기가 그대로 호출합니다.
# - 샘플을 하나씩 도는 반복문이 아니라 텐서 전체를 한 번에 다룬다고 생각하세요. 여기서는 벡터화한 코드가 더 짧고 훨씬
#   빠릅니다.
# - 각 문항 뒤에는 `check(...)` 셀이 있습니다. 공개된 예제로 여러분의 답을 그 자리에서 바로 확인해 줍니다. 채점할 때는
#   같은 종류의 다른 예제를 씁니다. 미리 주어진 셀(이 글, 확인용 셀, 그래프)은 채점하지 않습니다.
# - 조교에게 질문하기 전에 먼저 웹에서 찾아보세요. [PyTorch](https://docs.pytorch.org/docs/stable/index.html) 문서가 잘
#   되어 있습니다.
#
# **제출하기 전에**
#
# - 함께한 사람과 참고한 자료(웹 페이지 포함)를 이 노트북의 마지막 텍스트 셀에 적으세요. 출처를 밝히지 않고 코드를
#   베끼는 것은 학생 윤리 규정을 심각하게 위반하는 일입니다.
# - 필요 없는 print 문과 주석은 지우세요. **출력은 지우지 마세요.**
# - `sh CollectSubmission.sh 2000-00000`을 자신의 학번으로 실행하면 과제의 노트북 두 개와 `model_checkpoints/`를
#   `{{ archive }}`로 묶어 줍니다. 이 파일을 제출하세요.
#
# {{ limits }}

# %%
import torch

# %% [markdown]
# # 2-1-1. A gated recurrent unit by hand (30 points)
#
# A plain recurrent network writes its whole state anew at every word. So it forgets, and its gradients vanish: after
# fifty steps they are a product of fifty factors. A **gated recurrent unit** (GRU,
# [Cho et al. 2014](https://arxiv.org/abs/1406.1078)) *decides* what to rewrite. Each of its values has a small tap,
# the update gate $z$: at $z = 1$ the old value stays, and so does its gradient; at $z = 0$ a new one comes in. A second
# tap, the reset gate $r$, says how much of the past the new value may see.
#
# ![A gated recurrent unit: the old state flows along the top and is multiplied by the update gate z; the new content n,
# made from the input and from the old state behind the reset gate r, is multiplied by 1 - z and
# added](images/gru_gates.svg)
#
# | | equation |
# |---|---|
# | reset gate | $r_t = \sigma\big((W_r x_t + b_{rw}) + (U_r h_{t-1} + b_{rh})\big)$ |
# | update gate | $z_t = \sigma\big((W_z x_t + b_{zw}) + (U_z h_{t-1} + b_{zh})\big)$ |
# | current memory content ("new") | $n_t = \tanh\big((W x_t + b_w) + r_t * (U h_{t-1} + b_h)\big)$ |
# | final memory | $h_t = z_t * h_{t-1} + (1 - z_t) * n_t$ |
#
# $\sigma$ is the logistic sigmoid and $*$ the elementwise product. The reset gate multiplies the recurrent term
# *together with its bias* $b_h$.
#
# The weights of the three parts are stacked, **in the order reset, update, new**, `hidden_size` rows each:
#
# | argument | holds | shape |
# |---|---|---|
# | `input` | $x_t$, one row for each sample | `(batch_size, input_size)` |
# | `hidden` | $h_{t-1}$, one row for each sample | `(batch_size, hidden_size)` |
# | `weight_ih` | $W_r, W_z, W$ | `(3 * hidden_size, input_size)` |
# | `weight_hh` | $U_r, U_z, U$ | `(3 * hidden_size, hidden_size)` |
# | `bias_ih` | $b_{rw}, b_{zw}, b_w$ | `(3 * hidden_size,)` |
# | `bias_hh` | $b_{rh}, b_{zh}, b_h$ | `(3 * hidden_size,)` |
#
# Every tensor is `torch.double` (float64); return that, too (right values in another precision earn 80 %).
#
# **Rules of 2-1-1a and 2-1-1b.** Both functions are written with ordinary tensor operations (products, sums,
# `torch.sigmoid`, `torch.tanh`, `torch.cat`, `torch.einsum`, ...). An answer that uses any of these gets no
# points:
#
# - PyTorch's own GRU: `torch.nn.GRU`, `torch.nn.GRUCell`, `torch.gru`, `torch.gru_cell`, also by way of
#   `torch._C`, `torch._VF` or `torch.ops`;
# - automatic differentiation: `torch.autograd`, `torch.func`, `functorch`, `.backward()`, `requires_grad`,
#   `requires_grad_()`, `enable_grad`, `set_grad_enabled`, `grad_fn`;
# - compilers and threads: `torch.jit`, `torch.compile`, `threading`, `multiprocessing`, `concurrent.futures`.
#
# The rules are about your answer and the code that it calls. You may well use `torch.autograd.gradcheck` or
# [`torch.nn.GRUCell`](https://docs.pytorch.org/docs/stable/generated/torch.nn.GRUCell.html) in a cell of its own to
# test yourself.
#
# **Read more.** [Understanding LSTM Networks](https://colah.github.io/posts/2015-08-Understanding-LSTMs/) (pictures of
# all gates), [The Unreasonable Effectiveness of Recurrent Neural
# Networks](https://karpathy.github.io/2015/05/21/rnn-effectiveness/),
# [Chung et al. 2014](https://arxiv.org/abs/1412.3555) (GRU and LSTM side by side).

# %% [markdown] lang="ko"
# # 2-1-1. 손으로 만드는 GRU (30점)
#
# 기본 순환 신경망은 단어를 읽을 때마다 상태 전체를 새로 씁니다. 그래서 잘 잊어버리고, 그래디언트도 사라집니다(vanishing
# gradient). 쉰 단계를 지나면 그래디언트는 인수 쉰 개의 곱이 되기 때문입니다. **게이트 순환 유닛**(gated recurrent unit,
# GRU, [Cho et al. 2014](https://arxiv.org/abs/1406.1078))은 무엇을 새로 쓸지 *결정합니다*. 상태의 값마다 작은
# 수도꼭지가 하나씩 달려 있다고 생각하면 됩니다. 이것이 업데이트 게이트(update gate) $z$입니다. $z = 1$이면 이전 값이
# 그대로 남고 그 그래디언트도 그대로 남습니다. $z = 0$이면 새 값이 들어옵니다. 두 번째 수도꼭지인 리셋 게이트(reset
# gate) $r$은 새 값이 과거를 얼마나 볼지 정합니다.
#
# ![게이트 순환 유닛: 이전 상태는 위쪽을 따라 흐르며 업데이트 게이트 z와 곱해진다. 입력과, 리셋 게이트 r을 거친 이전
# 상태로 만든 새 내용 n은 1 - z와 곱해져 더해진다](images/gru_gates.svg)
#
# | | 식 |
# |---|---|
# | 리셋 게이트 | $r_t = \sigma\big((W_r x_t + b_{rw}) + (U_r h_{t-1} + b_{rh})\big)$ |
# | 업데이트 게이트 | $z_t = \sigma\big((W_z x_t + b_{zw}) + (U_z h_{t-1} + b_{zh})\big)$ |
# | 현재 기억 내용("new") | $n_t = \tanh\big((W x_t + b_w) + r_t * (U h_{t-1} + b_h)\big)$ |
# | 최종 기억 | $h_t = z_t * h_{t-1} + (1 - z_t) * n_t$ |
#
# $\sigma$는 로지스틱 시그모이드(sigmoid)이고 $*$는 원소별 곱입니다. 리셋 게이트는 순환 항에 곱해지며, 그 항의 편향
# $b_h$에도 *함께* 곱해집니다.
#
# 세 부분의 가중치는 **리셋, 업데이트, new 순서로** 각각 `hidden_size`행씩 쌓여 있습니다.
#
# | 인자 | 내용 | shape |
# |---|---|---|
# | `input` | $x_t$, 샘플마다 한 행 | `(batch_size, input_size)` |
# | `hidden` | $h_{t-1}$, 샘플마다 한 행 | `(batch_size, hidden_size)` |
# | `weight_ih` | $W_r, W_z, W$ | `(3 * hidden_size, input_size)` |
# | `weight_hh` | $U_r, U_z, U$ | `(3 * hidden_size, hidden_size)` |
# | `bias_ih` | $b_{rw}, b_{zw}, b_w$ | `(3 * hidden_size,)` |
# | `bias_hh` | $b_{rh}, b_{zh}, b_h$ | `(3 * hidden_size,)` |
#
# 모든 텐서는 `torch.double`(float64)입니다. 반환값도 그래야 합니다(값이 맞아도 정밀도가 다르면 80 %를 받습니다).
#
# **2-1-1a와 2-1-1b의 규칙.** 두 함수는 보통의 텐서 연산(곱, 합, `torch.sigmoid`, `torch.tanh`, `torch.cat`,
# `torch.einsum` 등)으로 작성합니다. 다음 가운데 하나라도 쓴 답은 점수를 받지 못합니다.
#
# - PyTorch에 들어 있는 GRU: `torch.nn.GRU`, `torch.nn.GRUCell`, `torch.gru`, `torch.gru_cell`. `torch._C`, `torch._VF`,
#   `torch.ops`를 거쳐 쓰는 것도 안 됩니다.
# - 자동 미분: `torch.autograd`, `torch.func`, `functorch`, `.backward()`, `requires_grad`, `requires_grad_()`,
#   `enable_grad`, `set_grad_enabled`, `grad_fn`
# - 컴파일러와 스레드: `torch.jit`, `torch.compile`, `threading`, `multiprocessing`, `concurrent.futures`
#
# 이 규칙은 여러분의 답과 그 답이 호출하는 코드에 적용됩니다. 스스로 시험해 보려고 별도의 셀에서
# `torch.autograd.gradcheck`나
# [`torch.nn.GRUCell`](https://docs.pytorch.org/docs/stable/generated/torch.nn.GRUCell.html)을 쓰는 것은 괜찮습니다.
#
# **더 읽을거리.** [Understanding LSTM Networks](https://colah.github.io/posts/2015-08-Understanding-LSTMs/)(모든
# 게이트의 그림), [The Unreasonable Effectiveness of Recurrent Neural
# Networks](https://karpathy.github.io/2015/05/21/rnn-effectiveness/), [Chung et al.
# 2014](https://arxiv.org/abs/1412.3555)(GRU와 LSTM의 비교).

# %% [markdown]
# ## 2-1-1a. Forward propagation (10 points)
#
# Difficulty ●●○○○, importance ●●●●●, 20 to 40 minutes.
#
# Write `gru_forward`: the new state $h_t$, of shape `(batch_size, hidden_size)`. Not allowed (see the rules above):
# PyTorch's own GRU, automatic differentiation, compilers, threads.
#
# **One step by hand.** One sample, one input value, one value of state: $x = 1$, $h_{t-1} = 2$, and the weights
# $W_r, W_z, W = 1, -1, \tfrac12$; $U_r, U_z, U = -\tfrac12, 1, \tfrac14$; all biases 0, but for $b_h = \tfrac12$.
#
# | | |
# |---|---|
# | $r$ | $\sigma(1 \cdot 1 - \tfrac12 \cdot 2) = \sigma(0) = 0.5$ |
# | $z$ | $\sigma(-1 \cdot 1 + 1 \cdot 2) = \sigma(1) = 0.7311$ |
# | $n$ | $\tanh\big(\tfrac12 \cdot 1 + 0.5 \cdot (\tfrac14 \cdot 2 + \tfrac12)\big) = \tanh(1) = 0.7616$ |
# | $h_t$ | $0.7311 \cdot 2 + 0.2689 \cdot 0.7616 \approx 1.6669$ |
#
# The cell below your function does this step with your code.
#
# <details><summary>Hint: where do I begin?</summary>
#
# All three parts need the same two products. So multiply once with the stacked weights, and cut the result into three:
# [`torch.chunk`](https://docs.pytorch.org/docs/stable/generated/torch.chunk.html). Write the shape of each result
# beside it as a comment.
# </details>
#
# <details><summary>Hint: a product does not fit</summary>
#
# `input` has its samples in rows, and `weight_ih` has its outputs in rows. Which of the two has to be transposed, so
# that `(batch_size, input_size)` becomes `(batch_size, 3 * hidden_size)`?
# </details>

# %% [markdown] lang="ko"
# ## 2-1-1a. 순전파 (10점)
#
# 난이도 ●●○○○, 중요도 ●●●●●, 20-40분.
#
# `gru_forward`를 작성하세요. shape이 `(batch_size, hidden_size)`인 새 상태 $h_t$를 반환합니다. 쓸 수 없는 것(위의 규칙
# 참고): PyTorch에 들어 있는 GRU, 자동 미분, 컴파일러, 스레드.
#
# **손으로 해 보는 한 단계.** 샘플 하나, 입력값 하나, 상태값 하나가 있습니다. $x = 1$, $h_{t-1} = 2$이고 가중치는
# $W_r, W_z, W = 1, -1, \tfrac12$; $U_r, U_z, U = -\tfrac12, 1, \tfrac14$입니다. 편향은 $b_h = \tfrac12$만 빼고 모두
# 0입니다.
#
# | | |
# |---|---|
# | $r$ | $\sigma(1 \cdot 1 - \tfrac12 \cdot 2) = \sigma(0) = 0.5$ |
# | $z$ | $\sigma(-1 \cdot 1 + 1 \cdot 2) = \sigma(1) = 0.7311$ |
# | $n$ | $\tanh\big(\tfrac12 \cdot 1 + 0.5 \cdot (\tfrac14 \cdot 2 + \tfrac12)\big) = \tanh(1) = 0.7616$ |
# | $h_t$ | $0.7311 \cdot 2 + 0.2689 \cdot 0.7616 \approx 1.6669$ |
#
# 함수 아래에 있는 셀이 여러분의 코드로 이 단계를 그대로 계산합니다.
#
# <details><summary>힌트: 어디서부터 시작해야 하나요?</summary>
#
# 세 부분에는 모두 같은 두 개의 곱이 필요합니다. 그러니 쌓여 있는 가중치를 한 번에 곱하고, 결과를 셋으로 나누세요:
# [`torch.chunk`](https://docs.pytorch.org/docs/stable/generated/torch.chunk.html). 각 결과의 shape을 옆에 주석으로 적어
# 두세요.
# </details>
#
# <details><summary>힌트: 곱의 shape이 맞지 않습니다</summary>
#
# `input`은 샘플이 행이고, `weight_ih`는 출력이 행입니다. `(batch_size, input_size)`가 `(batch_size, 3 * hidden_size)`가
# 되려면 둘 가운데 어느 것을 전치(transpose)해야 할까요?
# </details>


# %%
def gru_forward(
    input: torch.Tensor,  # (batch_size, input_size), dtype=torch.double
    hidden: torch.Tensor,  # (batch_size, hidden_size), dtype=torch.double
    weight_ih: torch.Tensor,  # (3 * hidden_size, input_size), dtype=torch.double
    weight_hh: torch.Tensor,  # (3 * hidden_size, hidden_size), dtype=torch.double
    bias_ih: torch.Tensor,  # (3 * hidden_size), dtype=torch.double
    bias_hh: torch.Tensor,  # (3 * hidden_size), dtype=torch.double
    # IMPORTANT!
    # The order of the rows in weight_ih, weight_hh, bias_ih, bias_hh
    # is reset, update, new (current)
):
    #####
    # IMPLEMENT YOUR CODE #
    #####
    ### BEGIN SOLUTION
    from_input = input @ weight_ih.T + bias_ih  # (batch_size, 3 * hidden_size)
    from_hidden = hidden @ weight_hh.T + bias_hh  # (batch_size, 3 * hidden_size)
    input_r, input_z, input_n = from_input.chunk(3, dim=1)
    hidden_r, hidden_z, hidden_n = from_hidden.chunk(3, dim=1)

    r = torch.sigmoid(input_r + hidden_r)
    z = torch.sigmoid(input_z + hidden_z)
    n = torch.tanh(input_n + r * hidden_n)
    output = z * hidden + (1 - z) * n
    ### END SOLUTION
    #####
    # END OF YOUR CODE #
    #####
    output: torch.Tensor  # (batch_size, hidden_size)
    return output


# %%
def step_by_hand() -> None:
    """Compare your `gru_forward` with the step that stands above."""
    arguments = [[[1]], [[2]], [[1], [-1], [0.5]], [[-0.5], [1], [0.25]], [0, 0, 0], [0, 0, 0.5]]
    try:
        output = gru_forward(*(torch.tensor(values, dtype=torch.double) for values in arguments))
        print(f"your gru_forward: {output.item():.4f}, by hand: 1.6669")
    except NotImplementedError as error:
        print(error)


step_by_hand()

# %%
check("2-1-1a")

# %% [markdown]
# ## 2-1-1b. Backward propagation (20 points)
#
# Difficulty ●●●●○, importance ●●●●●, 1 to 3 hours, most of them with pen and paper.
#
# Write `gru_backward`: given `grad_output` $= \partial L / \partial h_t$ of some loss $L$, return the gradients
# of $L$ in this order. Each of the five is worth 4 points.
#
# | returned | gradient with respect to | shape |
# |---|---|---|
# | `grad_hidden` | `hidden` | `(batch_size, hidden_size)` |
# | `grad_weight_ih` | `weight_ih` | `(3 * hidden_size, input_size)` |
# | `grad_weight_hh` | `weight_hh` | `(3 * hidden_size, hidden_size)` |
# | `grad_bias_ih` | `bias_ih` | `(3 * hidden_size,)` |
# | `grad_bias_hh` | `bias_hh` | `(3 * hidden_size,)` |
#
# The rows of the four last ones follow the order of the parameters: reset, update, new. $L$ depends on all
# samples of the batch, so a parameter's gradient is the sum over them.
#
# Not allowed (see the rules above): PyTorch's own GRU, automatic differentiation, compilers, threads. Derive
# the gradients with pen and paper first; $\sigma' = \sigma (1 - \sigma)$ and $\tanh' = 1 - \tanh^2$. Gradients that are
# measured, by finite differences or complex steps, are shown to a teaching assistant, who may take the points.
#
# **One path by hand.** Take the step from above, and $\partial L / \partial h_t = 1$. How does $b_w$ reach the output?
# On one path: it is added to the argument of tanh, so $n$ moves by $1 - n^2$ times as much, and $h_t$ by $1 - z$ times
# that. Multiply along the path:
# $\partial L / \partial b_w = 1 \cdot 0.2689 \cdot (1 - 0.7616^2) = 0.1129$. Where several paths lead to the output,
# add what comes back on each of them. The state $h_{t-1}$ has four:
#
# ![The four paths from the old state to the new one: the direct one through the update gate's product, one through the
# update gate itself, one through the reset gate, and one through U in the new content](images/gru_paths.svg)
#
# With all values in one table, your own numbers for the small step should be:
#
# | | reset | update | new |
# |---|---|---|---|
# | `grad_bias_ih` | 0.0282 | 0.2435 | 0.1129 |
# | `grad_bias_hh` | 0.0282 | 0.2435 | 0.0565 |
#
# <details><summary>Hint: in which order?</summary>
#
# Go backwards, from the last equation to the first. Compute the forward pass again, since you need its values. Then
# find the gradients of the *arguments* of the three nonlinearities, each `(batch_size, hidden_size)`. The rest is five
# short lines, all built from these three.
# </details>
#
# <details><summary>Hint: why do the two biases differ in the last column?</summary>
#
# $r$ multiplies the recurrent term of the new content, and its bias with it. It does not multiply the input's term.
# </details>
#
# <details><summary>Hint: from the gradient of a product to those of its factors</summary>
#
# For a batch, $A = X W^T + b$ with samples in the rows of $X$. With $G = \partial L / \partial A$:
# $\partial L / \partial W = G^T X$, $\partial L / \partial b$ is the sum of $G$ over its rows, and
# $\partial L / \partial X = G W$. The shapes leave no other choice. See
# [CS231n's notes](https://cs231n.github.io/optimization-2/).
# </details>

# %% [markdown] lang="ko"
# ## 2-1-1b. 역전파 (20점)
#
# 난이도 ●●●●○, 중요도 ●●●●●, 1-3시간. 대부분은 종이와 펜으로 합니다.
#
# `gru_backward`를 작성하세요. 어떤 손실 $L$에 대해 `grad_output` $= \partial L / \partial h_t$가 주어질 때, $L$의
# 그래디언트를 다음 순서로 반환합니다. 다섯 개가 각각 4점입니다.
#
# | 반환값 | 무엇에 대한 그래디언트인가 | shape |
# |---|---|---|
# | `grad_hidden` | `hidden` | `(batch_size, hidden_size)` |
# | `grad_weight_ih` | `weight_ih` | `(3 * hidden_size, input_size)` |
# | `grad_weight_hh` | `weight_hh` | `(3 * hidden_size, hidden_size)` |
# | `grad_bias_ih` | `bias_ih` | `(3 * hidden_size,)` |
# | `grad_bias_hh` | `bias_hh` | `(3 * hidden_size,)` |
#
# 뒤의 네 개는 행의 순서가 파라미터와 같습니다: 리셋, 업데이트, new. $L$은 배치의 모든 샘플에 따라 달라지므로,
# 파라미터의 그래디언트는 샘플에 대한 합입니다.
#
# 쓸 수 없는 것(위의 규칙 참고): PyTorch에 들어 있는 GRU, 자동 미분, 컴파일러, 스레드. 먼저 종이와 펜으로 그래디언트를
# 유도하세요. $\sigma' = \sigma (1 - \sigma)$이고 $\tanh' = 1 - \tanh^2$입니다. 유한 차분(finite difference)이나 복소
# 증분(complex step)으로 측정한 그래디언트는 조교가 살펴보며, 점수를 받지 못할 수 있습니다.
#
# **손으로 따라가는 경로 하나.** 위의 한 단계에서 $\partial L / \partial h_t = 1$이라고 합시다. $b_w$는 출력에 어떻게
# 도달할까요? 경로는 하나뿐입니다. 먼저 tanh의 인자에 더해지므로 $n$은 그 $1 - n^2$배만큼 움직이고, $h_t$는 다시 그
# $1 - z$배만큼 움직입니다. 경로를 따라 곱하면
# $\partial L / \partial b_w = 1 \cdot 0.2689 \cdot (1 - 0.7616^2) = 0.1129$입니다. 출력에 이르는 경로가 여러 개이면 각
# 경로로 되돌아오는 값을 더합니다. 상태 $h_{t-1}$에는 경로가 네 개 있습니다.
#
# ![이전 상태에서 새 상태로 가는 네 경로: 업데이트 게이트의 곱을 지나는 직접 경로, 업데이트 게이트 자체를 지나는 경로,
# 리셋 게이트를 지나는 경로, 새 내용의 U를 지나는 경로](images/gru_paths.svg)
#
# 값을 표 하나에 모으면, 이 작은 예에서 여러분이 얻을 값은 다음과 같습니다.
#
# | | 리셋 | 업데이트 | new |
# |---|---|---|---|
# | `grad_bias_ih` | 0.0282 | 0.2435 | 0.1129 |
# | `grad_bias_hh` | 0.0282 | 0.2435 | 0.0565 |
#
# <details><summary>힌트: 어떤 순서로 하나요?</summary>
#
# 마지막 식에서 첫 식으로 거꾸로 가세요. 순전파의 값들이 필요하므로 순전파를 다시 계산합니다. 그다음 세 비선형 함수의
# *인자*에 대한 그래디언트를 구합니다. 각각의 shape은 `(batch_size, hidden_size)`입니다. 나머지는 모두 이 세 개로 만드는
# 짧은 다섯 줄입니다.
# </details>
#
# <details><summary>힌트: 마지막 열에서 두 편향의 값이 왜 다른가요?</summary>
#
# $r$은 새 내용의 순환 항에 곱해지고, 그 항의 편향에도 함께 곱해집니다. 입력 항에는 곱해지지 않습니다.
# </details>
#
# <details><summary>힌트: 곱의 그래디언트에서 인수의 그래디언트로</summary>
#
# 배치에 대해 $A = X W^T + b$이고, $X$의 행이 샘플입니다. $G = \partial L / \partial A$라고 하면
# $\partial L / \partial W = G^T X$이고, $\partial L / \partial b$는 $G$를 행에 대해 더한 것이며,
# $\partial L / \partial X = G W$입니다. shape을 맞추어 보면 다른 선택은 없습니다. [CS231n의 강의
# 노트](https://cs231n.github.io/optimization-2/)를 참고하세요.
# </details>


# %%
def gru_backward(
    grad_output: torch.Tensor,  # (batch_size, hidden_size), dtype=torch.double
    #
    input: torch.Tensor,  # (batch_size, input_size), dtype=torch.double
    hidden: torch.Tensor,  # (batch_size, hidden_size), dtype=torch.double
    weight_ih: torch.Tensor,  # (3 * hidden_size, input_size), dtype=torch.double
    weight_hh: torch.Tensor,  # (3 * hidden_size, hidden_size), dtype=torch.double
    bias_ih: torch.Tensor,  # (3 * hidden_size), dtype=torch.double
    bias_hh: torch.Tensor,  # (3 * hidden_size), dtype=torch.double
    # IMPORTANT!
    # The order of the rows in weight_ih, weight_hh, bias_ih, bias_hh
    # is reset, update, new (current)
):
    # Each of the five is marked by itself: one that stays None costs its own points alone.
    grad_hidden = grad_weight_ih = grad_weight_hh = grad_bias_ih = grad_bias_hh = None
    #####
    # IMPLEMENT YOUR CODE #
    #####
    ### BEGIN SOLUTION
    # The forward pass again: its intermediate values are needed below.
    input_r, input_z, input_n = (input @ weight_ih.T + bias_ih).chunk(3, dim=1)
    hidden_r, hidden_z, hidden_n = (hidden @ weight_hh.T + bias_hh).chunk(3, dim=1)
    r = torch.sigmoid(input_r + hidden_r)
    z = torch.sigmoid(input_z + hidden_z)
    n = torch.tanh(input_n + r * hidden_n)

    # Gradients of the arguments of tanh and sigmoid, each (batch_size, hidden_size).
    grad_n = grad_output * (1 - z) * (1 - n**2)
    grad_z = grad_output * (hidden - n) * z * (1 - z)
    grad_r = grad_n * hidden_n * r * (1 - r)

    # r multiplies U h + b_h alone, so the recurrent side of the new block carries it and the input side does not.
    grad_from_input = torch.cat([grad_r, grad_z, grad_n], dim=1)  # (batch_size, 3 * hidden_size)
    grad_from_hidden = torch.cat([grad_r, grad_z, grad_n * r], dim=1)  # (batch_size, 3 * hidden_size)

    grad_hidden = grad_output * z + grad_from_hidden @ weight_hh
    grad_weight_ih = grad_from_input.T @ input
    grad_weight_hh = grad_from_hidden.T @ hidden
    grad_bias_ih = grad_from_input.sum(dim=0)
    grad_bias_hh = grad_from_hidden.sum(dim=0)
    ### END SOLUTION
    #####
    # END OF YOUR CODE #
    #####
    grad_hidden: torch.Tensor  # (batch_size, hidden_size)
    grad_weight_ih: torch.Tensor  # (3 * hidden_size, input_size)
    grad_weight_hh: torch.Tensor  # (3 * hidden_size, hidden_size)
    grad_bias_ih: torch.Tensor  # (3 * hidden_size)
    grad_bias_hh: torch.Tensor  # (3 * hidden_size)
    return grad_hidden, grad_weight_ih, grad_weight_hh, grad_bias_ih, grad_bias_hh


# %% [markdown]
# ## Check your gradients (no points)
#
# Where a derivation may go wrong, measure. The next cell moves each value of each argument a little up and a little
# down, looks how far your own `gru_forward` moves, and compares that with your gradient. It prints the **relative
# error** $|a - b| \,/\, (|a| + |b|)$, the largest of all values.
#
# *What you should see:* five errors of 1e-7 or less. Above 1e-4 something is wrong; at 1 a sign is, or a whole path is
# missing. The cell finds a backward pass that does not belong to your forward pass, and nothing else: first make sure
# that `gru_forward` is right.

# %% [markdown] lang="ko"
# ## 그래디언트 확인하기 (점수 없음)
#
# 유도는 틀릴 수 있으니 측정해 봅시다. 다음 셀은 각 인자의 값을 하나씩 조금 올리고 조금 내리면서 여러분의
# `gru_forward`가 얼마나 움직이는지 보고, 여러분의 그래디언트와 비교합니다. 그리고 **상대 오차**(relative error)
# $|a - b| \,/\, (|a| + |b|)$ 가운데 가장 큰 값을 출력합니다.
#
# *이런 결과가 나와야 합니다.* 오차 다섯 개가 모두 1e-7 이하입니다. 1e-4보다 크면 무언가 틀린 것이고, 1이면 부호가
# 틀렸거나 경로 하나가 통째로 빠진 것입니다. 이 셀은 역전파가 여러분의 순전파와 맞지 않는 것만 찾아냅니다. 그러니
# `gru_forward`가 맞는지부터 확인하세요.


# %%
def measured_gradient(change, value: torch.Tensor, step: float = 1e-5) -> torch.Tensor:
    """The gradient of a number `change(value)` by central differences, of the shape of the value."""
    gradient = torch.zeros_like(value)
    for place in range(value.numel()):
        nudge = torch.zeros_like(value)
        nudge.view(-1)[place] = step
        gradient.view(-1)[place] = (change(value + nudge) - change(value - nudge)) / (2 * step)
    return gradient


def check_yourself(batch_size: int = 2, input_size: int = 3, hidden_size: int = 4) -> None:
    """Print whether the output has its shape, and the relative error of each gradient."""
    shapes = {
        "input": (batch_size, input_size),
        "hidden": (batch_size, hidden_size),
        "weight_ih": (3 * hidden_size, input_size),
        "weight_hh": (3 * hidden_size, hidden_size),
        "bias_ih": (3 * hidden_size,),
        "bias_hh": (3 * hidden_size,),
    }
    random = torch.Generator().manual_seed(231)
    values = {name: torch.randn(shape, dtype=torch.double, generator=random) for name, shape in shapes.items()}
    grad_output = torch.randn(batch_size, hidden_size, dtype=torch.double, generator=random)

    try:
        output = gru_forward(*values.values())
        print("gru_forward:", "shape ok" if output.shape == grad_output.shape else f"wrong shape {tuple(output.shape)}")
        gradients = gru_backward(grad_output, *values.values())
    except NotImplementedError as error:
        print(error)
        return

    for name, gradient in zip(["hidden", "weight_ih", "weight_hh", "bias_ih", "bias_hh"], gradients, strict=True):
        if gradient is None:
            print(f"grad_{name} is not written yet")
            continue
        if gradient.shape != shapes[name]:
            print(f"grad_{name}: wrong shape {tuple(gradient.shape)}, expected {shapes[name]}")
            continue
        measured = measured_gradient(
            lambda value, name=name: (gru_forward(*{**values, name: value}.values()) * grad_output).sum(), values[name]
        )
        error = ((gradient - measured).abs() / (gradient.abs() + measured.abs()).clamp(min=1e-8)).max()
        print(f"grad_{name:<9} relative error: {error:.1e}")


check_yourself()

# %%
check("2-1-1b")

# %% [markdown]
# ## To go further (no points)
#
# One step is written; a sentence has many. Run your two functions over a sequence of 50 steps, forward and then
# backward: `grad_hidden` of step $t$ becomes part of `grad_output` of step $t - 1$, and the gradients of the weights
# add up. Compare with `torch.nn.GRU` and `.backward()` in a cell of its own. Then put 3 on the update gate's bias and
# look at the size of `grad_hidden` after 50 steps: that is what the tap is for.

# %% [markdown] lang="ko"
# ## 더 해 보기 (점수 없음)
#
# 한 단계를 만들었습니다. 그러나 문장에는 여러 단계가 있습니다. 두 함수를 길이가 50단계인 시퀀스에 적용하여 순전파를
# 하고, 이어서 역전파를 해 보세요. $t$번째 단계의 `grad_hidden`은 $t - 1$번째 단계의 `grad_output`의 일부가 되고,
# 가중치의 그래디언트는 서로 더해집니다. 별도의 셀에서 `torch.nn.GRU`, `.backward()`의 결과와 비교해 보세요. 그다음
# 업데이트 게이트의 편향을 3으로 두고 50단계 뒤의 `grad_hidden`의 크기를 보세요. 수도꼭지가 왜 있는지 알 수 있습니다.
