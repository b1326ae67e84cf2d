"""The columns of order files, by the names that till systems and delivery platforms give them."""

from django.utils.translation import gettext_lazy as _

from attribution.customers.imports.contract import Field

# The labels in both languages come first: a template downloaded in one language is read in the other.
HEADINGS = {
    "number": "Order number, 订单号, Order, Order ID, Order no, Invoice, InvoiceNo, Invoice number, Receipt, "
    "Receipt number, Ticket, 订单编号, 单号, 小票号, 流水号, 交易单号, 交易号",
    "store": "Store, 门店, Store code, Store name, Shop, Branch, Outlet, 门店编码, 门店名称, 门店编号, 店铺, "
    "店铺名称, 分店",
    "placed_at": "Order time, 下单时间, Date, Datetime, Order date, InvoiceDate, Placed at, Paid at, Sold at, "
    "订单时间, 交易时间, 支付时间, 付款时间, 结账时间, 日期, 下单日期, 交易日期, 营业日期",
    "clock": "Time of day, 时刻, Time, 时间",
    "phone": "Phone, 手机号, Mobile, Mobile number, Phone number, Telephone, 手机, 手机号码, 电话, 联系电话, 会员手机, "
    "会员手机号",
    "member": "Member number, 会员号, Member, Member ID, Member no, Customer ID, Customer number, Card number, "
    "会员卡号, 会员编号, 会员ID, 客户编号, 客户ID",
    "openid": "WeChat openid, 微信 openid, openid",
    "email": "E-mail, 邮箱, Email address, 电子邮箱, 电子邮件",
    "sku": "Item code, 商品编码, SKU, StockCode, Product code, 商品编号, 货号",
    "name": "Item, 商品, Description, Product, Product name, Item name, 商品名称, 品名",
    "category": "Category, 品类, 分类, 商品分类, 类别",
    "quantity": "Quantity, 数量, Qty, 件数",
    "price": "Unit price, 单价, Price, 价格, 售价",
    "amount": "Amount, 金额, Line amount, Line total, Total, Paid, Amount paid, 实付, 实付金额, 实收, 实收金额, "
    "支付金额, 小计, 商品金额",
    "discount": "Discount, 优惠金额, Discount amount, 优惠, 折扣, 折扣金额",
    "order_amount": "Order amount, 订单金额, Order total, Grand total, 订单总额, 订单实付, 订单实付金额",
    "order_discount": "Order discount, 订单优惠, 订单优惠金额",
    "kind": "Kind, 类型, Type, Order type, 订单类型, 交易类型",
    "refund_of": "Refund of order, 原订单号, Refund of, Original order, Original order number, 原单号, 原订单编号",
    "currency": "Currency, 币种, 货币",
}
KNOWN = {name: tuple(headings.split(", ")) for name, headings in HEADINGS.items()}
FIELDS = (
    Field("number", _("Order number"), KNOWN["number"], required=True, most=64, samples=("A-0001", "A-0001", "A-0002")),
    Field("store", _("Store"), KNOWN["store"]),
    Field(
        "placed_at",
        _("Order time"),
        KNOWN["placed_at"],
        type="datetime",
        samples=("2026-11-01 12:05", "2026-11-01 12:05", "2026-11-01 12:09"),
    ),
    Field("clock", _("Time of day"), KNOWN["clock"], type="datetime"),
    Field("phone", _("Phone"), KNOWN["phone"], samples=("13800138000", "13800138000", "")),
    Field("member", _("Member number"), KNOWN["member"]),
    Field("openid", _("WeChat openid"), KNOWN["openid"]),
    Field("email", _("E-mail"), KNOWN["email"]),
    Field("sku", _("Item code"), KNOWN["sku"], most=64, samples=("MT01", "CK07", "MT01")),
    Field("name", _("Item"), KNOWN["name"], samples=(_("Milk tea"), _("Cheesecake"), _("Milk tea"))),
    Field("category", _("Category"), KNOWN["category"], most=80, samples=(_("Tea"), _("Cake"), _("Tea"))),
    Field("quantity", _("Quantity"), KNOWN["quantity"], type="quantity", samples=("2", "1", "1")),
    Field("price", _("Unit price"), KNOWN["price"], type="price", samples=("18.00", "26.00", "18.00")),
    Field("amount", _("Amount"), KNOWN["amount"], type="money"),
    Field("discount", _("Discount"), KNOWN["discount"], type="money"),
    Field("order_amount", _("Order amount"), KNOWN["order_amount"], type="money"),
    Field("order_discount", _("Order discount"), KNOWN["order_discount"], type="money"),
    Field("kind", _("Kind"), KNOWN["kind"]),
    Field("refund_of", _("Refund of order"), KNOWN["refund_of"], most=64),
    Field("currency", _("Currency"), KNOWN["currency"]),
)
IDENTITIES = ("phone", "member", "openid", "email")
# A file with one of these has a row per line; one with none of them has a row per order.
OF_LINES = frozenset({"sku", "name", "price"})
SALE_WORDS = frozenset({"sale", "sales", "order", "purchase", "销售", "销售单", "订单", "正常", "消费", "购买"})
REFUND_WORDS = frozenset(
    {"refund", "return", "returned", "cancellation", "credit note", "退款", "退货", "退单", "退款单", "退货单", "冲正"}
)
