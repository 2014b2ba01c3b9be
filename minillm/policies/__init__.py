"""Floor 4: behaviours around a model. Each file is one of them: it takes a ChatModel and is a ChatModel.

``minillm/stack.py`` says which of them a call needs and in which order.
"""
