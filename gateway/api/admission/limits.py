"""Validation rules against documents that are too deep or repeat themselves.

The classes are made once for a schema: fresh ones in every request would never let the validation cache hit,
since its key holds the rules.
"""

from __future__ import annotations

from typing import Any

from graphql import (
    ASTValidationRule,
    FieldNode,
    FragmentSpreadNode,
    GraphQLError,
    InlineFragmentNode,
    NoSchemaIntrospectionCustomRule,
    OperationDefinitionNode,
    SelectionSetNode,
    ValidationContext,
)

from gateway.api.settings import ApiSettings


def limit_rules(settings: ApiSettings) -> list[type[ASTValidationRule]]:
    """The rules for these settings."""
    rules: list[type[ASTValidationRule]] = [
        _limited(_DepthRule, settings.max_depth),
        _limited(_AliasRule, settings.max_aliases),
    ]
    if not settings.introspection:
        rules.append(NoSchemaIntrospectionCustomRule)
    return rules


class _LimitRule(ASTValidationRule):
    limit = 0


def _limited(rule: type[_LimitRule], limit: int) -> type[ASTValidationRule]:
    return type(rule.__name__, (rule,), {"limit": limit})


class _DepthRule(_LimitRule):
    """Refuses documents nested deeper than the limit; introspection has a rule of its own in graphql-core."""

    def __init__(self, context: ValidationContext) -> None:
        super().__init__(context)
        self._context = context
        self._fragments: dict[str, int] = {}

    def enter_operation_definition(self, node: OperationDefinitionNode, *_args: Any) -> None:
        depth = self._depth(node.selection_set)
        if depth > self.limit:
            text = f"The document is {depth} levels deep; {self.limit} are allowed."
            self.report_error(GraphQLError(text, node, extensions={"code": "TOO_DEEP"}))

    def _depth(self, selected: SelectionSetNode) -> int:
        return max((self._below(node) for node in selected.selections), default=0)

    def _below(self, node: Any) -> int:
        if isinstance(node, FieldNode):
            if node.name.value.startswith("__"):
                return 1
            return 1 if node.selection_set is None else 1 + self._depth(node.selection_set)
        if isinstance(node, InlineFragmentNode):
            return self._depth(node.selection_set)
        return self._fragment(node.name.value) if isinstance(node, FragmentSpreadNode) else 0

    def _fragment(self, name: str) -> int:
        if name not in self._fragments:
            # Written first, so that a circle, which another rule reports, ends here.
            self._fragments[name] = 0
            fragment = self._context.get_fragment(name)
            if fragment is not None:
                self._fragments[name] = self._depth(fragment.selection_set)
        return self._fragments[name]


class _AliasRule(_LimitRule):
    """Refuses documents with more aliases than the limit: the cheapest way to ask a thing many times."""

    def __init__(self, context: ValidationContext) -> None:
        super().__init__(context)
        self._count = 0

    def enter_field(self, node: FieldNode, *_args: Any) -> None:
        if node.alias is None:
            return
        self._count += 1
        if self._count == self.limit + 1:
            text = f"The document has more than {self.limit} aliases."
            self.report_error(GraphQLError(text, node, extensions={"code": "TOO_MANY_ALIASES"}))
