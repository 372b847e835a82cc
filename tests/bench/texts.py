"""Complaints that nobody wrote: sentences put together at random, as long as real ones (median about 205 characters)."""

import math
import random

PLACES = "三号楼二单元 小区南门 地下车库 中心花园 五号楼电梯口 儿童游乐区 东侧围墙 一号楼楼顶 垃圾站旁 健身广场 快递柜前 物业服务中心".split()
THINGS = "路灯 电梯 下水道 门禁 消防栓 充电桩 健身器材 垃圾桶 绿化带 停车位 水泵 监控摄像头 单元门 井盖 宣传栏 座椅".split()
FAULTS = "坏了很久没有人修 经常出故障 已经锈蚀断裂 夜里完全不亮 一直在漏水 被人长期占用 散发着难闻的气味 存在明显的安全隐患 声音大得无法入睡".split()
SPANS = "上周一开始 半个月前 从去年冬天起 连续三天 春节过后 这两个月以来 每到雨天 每天傍晚".split()
TELLINGS = (
    "我多次打电话反映，得到的答复总是再等等",
    "报修单填了三回，至今没有人上门",
    "邻居们在群里议论很久了，没有一个人出来说明",
    "值班人员说不归他们管，让我找别的部门",
    "上次来修过一回，不到两天又成了老样子",
    "家里老人和孩子每天都要从这里走，实在放心不下",
)
WISHES = (
    "希望尽快派人到现场查看并给出处理期限",
    "请有关部门给居民一个明确的说法",
    "恳请把处理结果公开，让大家都看得到",
    "盼望在入冬以前彻底解决",
    "麻烦核实以后电话告诉我进展，谢谢",
)


def sentences(count, seed=1):
    chance = random.Random(seed)
    made = []
    for number in range(count):
        place, thing, fault, span = (chance.choice(words) for words in (PLACES, THINGS, FAULTS, SPANS))
        made.append(
            (
                f"{span}，{place}的{thing}{fault}。",
                f"{chance.choice(TELLINGS)}。",
                f"{place}的{thing}{fault}，{chance.choice(TELLINGS)}。",
                f"{chance.choice(WISHES)}。",
            )[number % 4]
        )
    return made


def title(chance):
    return f"{chance.choice(PLACES)}的{chance.choice(THINGS)}{chance.choice(FAULTS)}"


def text(chance, pool):
    """Its length is as uneven as that of real ones: a few are ten times as long as most."""
    count = max(1, min(400, round(math.exp(chance.gauss(math.log(9), 0.8)))))
    return "".join(chance.choice(pool) for _ in range(count))
