"""Recipes: small workflows in TOML or JSON files, checked as a whole, traced, and resumed after a crash.

    recipe       read, check, run
    form         what a file may say
    plan         its steps with their names resolved
    expression nodes evaluation functions        the language of conditions and braces
    template     texts with braces
    naming       models and functions by name
    run work     doing it
    conversation the questions and answers as a tree
    state_file   what is done, on disk
    trace        what was done, as values

See docs/recipes.md.
"""

from .nodes import ExpressionError
from .recipe import Needs, Recipe
from .trace import RecipeFailed, RecipeResult, StepTrace

__all__ = ["ExpressionError", "Needs", "Recipe", "RecipeFailed", "RecipeResult", "StepTrace"]
