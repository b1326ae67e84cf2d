"""What is true in the demo shop. Parameters of the simulation; the product never reads them.

Shares, rates and sums are made up, in the order of what retailers report: guests answer unevenly, remember badly, and
use coupons of channels that did not bring them.
"""

from dataclasses import dataclass, field

DONT_REMEMBER, OTHER = "dont_remember", "other"


@dataclass(frozen=True)
class ChannelTruth:
    """One channel: who it brings, how they behave, and what it costs.

    ``share`` of new customers · ``answers``: probability to answer the questionnaire at the first visit · ``recall``:
    what those who answer say instead of the truth, by option; the rest says the truth · ``coupon``: probability to use
    the channel's own coupon at the first visit · ``link``: probability to have followed its tracked link before ·
    ``returns``: probability to come back at all · ``gap_days``: mean days between visits of those who do · ``stays``:
    probability to come once more after each return · ``basket``: factor on the bill · ``monthly_minor``: spend per
    month and 1,000 customers of the shop, minor units.
    """

    slug: str
    name_zh_hans: str
    name_en: str
    kind: str
    colour: str
    share: float
    answers: float
    recall: dict[str, float] = field(default_factory=dict)
    coupon: float = 0.0
    link: float = 0.0
    returns: float = 0.4
    gap_days: float = 24.0
    stays: float = 0.6
    basket: float = 1.0
    monthly_minor: int = 0


CHANNELS = (
    ChannelTruth("douyin", "抖音", "Douyin", "short_video", "#c2185b", 0.22, 0.28,
                 {"xiaohongshu": 0.08, "meituan": 0.05, DONT_REMEMBER: 0.06}, coupon=0.52, returns=0.24, gap_days=32,
                 stays=0.42, basket=0.94, monthly_minor=93_000),
    ChannelTruth("xiaohongshu", "小红书", "Xiaohongshu", "social", "#d32f2f", 0.15, 0.52,
                 {"douyin": 0.07, "friends": 0.05, DONT_REMEMBER: 0.04}, coupon=0.24, link=0.24, returns=0.44,
                 gap_days=22, stays=0.62, basket=1.12, monthly_minor=35_000),
    ChannelTruth("meituan", "美团", "Meituan", "platform", "#b8860b", 0.17, 0.18,
                 {"dianping": 0.16, "walkby": 0.08, DONT_REMEMBER: 0.08}, coupon=0.63, returns=0.30, gap_days=26,
                 stays=0.50, basket=0.90, monthly_minor=49_000),
    ChannelTruth("wechat", "微信", "WeChat", "social", "#2e7d32", 0.09, 0.46,
                 {"friends": 0.16, DONT_REMEMBER: 0.05}, coupon=0.36, link=0.32, returns=0.56, gap_days=18, stays=0.70,
                 basket=1.05, monthly_minor=12_000),
    ChannelTruth("dianping", "大众点评", "Dianping", "platform", "#ef6c00", 0.08, 0.34,
                 {"meituan": 0.20, "xiaohongshu": 0.06, DONT_REMEMBER: 0.05}, coupon=0.34, returns=0.38, gap_days=25,
                 stays=0.55, basket=1.08, monthly_minor=19_500),
    ChannelTruth("metro", "地铁海报", "Metro posters", "out_of_home", "#1565c0", 0.06, 0.30,
                 {"walkby": 0.22, "lift": 0.10, DONT_REMEMBER: 0.12}, link=0.16, returns=0.34, gap_days=24, stays=0.55,
                 monthly_minor=52_000),
    ChannelTruth("lift", "电梯广告", "Lift screens", "out_of_home", "#6a1b9a", 0.05, 0.22,
                 {"metro": 0.14, "walkby": 0.14, DONT_REMEMBER: 0.14}, link=0.12, returns=0.42, gap_days=20, stays=0.60,
                 monthly_minor=30_500),
    ChannelTruth("friends", "朋友推荐", "Friends", "referral", "#00838f", 0.11, 0.58,
                 {"wechat": 0.06, DONT_REMEMBER: 0.02}, returns=0.60, gap_days=17, stays=0.72, basket=1.06),
    ChannelTruth("walkby", "路过门店", "Walked by", "location", "#546e7a", 0.07, 0.26,
                 {"metro": 0.05, DONT_REMEMBER: 0.10}, returns=0.46, gap_days=19, stays=0.64),
)  # fmt: skip

# Coupons used by people whom their channel did not bring: they were already at the counter.
LEAKS = {"meituan": 0.09, "douyin": 0.035, "dianping": 0.03, "wechat": 0.02}
# Links followed by people who had been brought already.
STRAY_LINKS = {"metro": 0.02, "wechat": 0.015}

STORES = (
    ("xuhui", "徐汇店", "Xuhui", 0.24),
    ("jingan", "静安店", "Jing’an", 0.21),
    ("huangpu", "黄浦店", "Huangpu", 0.18),
    ("pudong", "浦东店", "Pudong", 0.16),
    ("yangpu", "杨浦店", "Yangpu", 0.12),
    ("minhang", "闵行店", "Minhang", 0.09),
)

MENU = (
    ("T01", "招牌珍珠奶茶", "奶茶", 1600),
    ("T02", "茉莉奶绿", "奶茶", 1500),
    ("T03", "芋泥波波", "奶茶", 2000),
    ("F01", "杨枝甘露", "果茶", 2300),
    ("F02", "满杯百香果", "果茶", 1900),
    ("F03", "柠檬红茶", "果茶", 1300),
    ("C01", "生椰拿铁", "咖啡", 2200),
    ("S01", "原味蛋挞", "小食", 800),
)

HOURS = (0.02, 0.05, 0.10, 0.09, 0.08, 0.10, 0.11, 0.09, 0.10, 0.11, 0.09, 0.06)  # of visits, from 10:00 to 21:00
WEEKDAYS = (0.12, 0.12, 0.13, 0.13, 0.16, 0.18, 0.16)
COUPON_MINOR = {"douyin": 600, "meituan": 500, "dianping": 500, "xiaohongshu": 400, "wechat": 400}
THANK_YOU_MINOR = 300
DAYS = 270  # of history
UNIDENTIFIED = 0.38  # of all orders
REFUNDED = 0.008
OUTSIDERS = 0.15  # answers of guests whom no order can be joined to, per answer
LEADS = 0.22  # people who took a coupon and never came, per customer
LEADS_WITH_LINK = 0.4  # of them, those whom a tracked link had led to the coupon
HASTY = 0.03  # answers of guests who tap whatever channel stands first
SECOND_COUPON = 0.34  # of the thank-you coupons that are used at the next visit
