"""How values look on a page."""

from django import template

from attribution.money import format_money

register = template.Library()
register.filter("money", format_money)
