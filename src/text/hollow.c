/* Replies that say nothing. Phrases are compared as folded and plain (text/plain.h), so that neither blanks nor width make a difference. */
#include "text/hollow.h"
#include <string.h>
#include <unistr.h>
#include "kind.h"
#include "text/fold.h"
#include "text/grams.h"
#include "text/plain.h"

/* What any reply may say. The longer stands before what it begins with. */
static const char *const stock[] = {
    "尊敬的",
    "居民朋友",
    "居民",
    "业主",
    "网友",
    "您好",
    "你好",
    "您反映的问题",
    "您反映的情况",
    "您的诉求",
    "您的问题",
    "您的意见",
    "该问题",
    "已收悉",
    "收悉",
    "已收到",
    "收到",
    "已知悉",
    "知悉",
    "已记录",
    "已登记",
    "已受理",
    "已转交相关部门",
    "已转相关部门",
    "已转交",
    "转交相关部门",
    "相关部门",
    "有关部门",
    "正在处理中",
    "正在处理",
    "正在办理中",
    "正在办理",
    "正在核实",
    "正在协调",
    "正在跟进",
    "正在研究",
    "处理中",
    "办理中",
    "尽快处理",
    "尽快解决",
    "尽快答复",
    "尽快回复",
    "尽快办理",
    "尽快",
    "马上处理",
    "高度重视",
    "十分重视",
    "非常重视",
    "认真研究",
    "认真处理",
    "进一步核实",
    "我们将会",
    "我们将",
    "我们会",
    "我们",
    "我部门",
    "持续跟进",
    "请您耐心等待",
    "请耐心等待",
    "耐心等待",
    "请您放心",
    "请放心",
    "敬请谅解",
    "请您谅解",
    "请谅解",
    "给您带来不便",
    "深表歉意",
    "非常抱歉",
    "抱歉",
    "感谢您的反映",
    "感谢您的反馈",
    "感谢您的理解",
    "感谢您的支持",
    "感谢您的监督",
    "感谢您的关注",
    "感谢您的来信",
    "感谢反映",
    "感谢反馈",
    "感谢",
    "谢谢",
    "理解与支持",
    "理解和支持",
    "关注与支持",
    "特此回复",
    "特此答复",
    "祝您生活愉快",
    "祝生活愉快",
    "dear resident",
    "hello",
    "thank you for your feedback",
    "thank you",
    "thanks",
    "we have received your complaint",
    "we have received",
    "your complaint",
    "has been received",
    "received",
    "noted",
    "we will look into it",
    "we are looking into it",
    "in progress",
    "is being processed",
    "being processed",
    "please wait",
    "please be patient",
    "as soon as possible",
    "we will",
};

static const char *const promises[] = {"尽快", "马上",    "立即",          "即将",   "将会", "将于", "争取",
                                       "稍后", "近期",    "近日",          "抓紧",   "早日", "不日", "as soon as possible",
                                       "soon", "shortly", "in due course", "will be"};
static const char *const done[] = {"已", "了。", "has been", "have been", "was ", "were "};
/* Done where it is said before anything is promised; behind a promise it is what was promised. */
static const char *const ended[] = {"完毕", "完成", "修好", "好了"};
static const char *const days[] = {"今天", "明天",   "后天",    "今日",      "明日",     "今晚",   "明早",     "本周",     "下周",
                                   "这周", "本月",   "下月",    "月底",      "周末",     "周一",   "周二",     "周三",     "周四",
                                   "周五", "周六",   "周日",    "星期",      "小时",     "分钟",   "today",    "tomorrow", "week",
                                   "hour", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"};
#define COUNT(list) (sizeof(list) / sizeof *(list))

/* Where the first of them begins; NULL: none is there. */
static const char *first_of(const char *text, const char *const *words, size_t count)
{
    const char *first = NULL;
    for (size_t i = 0; i < count; i++) {
        const char *at = strstr(text, words[i]);
        first = at && (!first || at < first) ? at : first;
    }
    return first;
}

/* Bytes of the longest stock phrase that the text begins with; 0: none. */
static size_t stock_at(const char *text)
{
    size_t longest = 0;
    for (size_t i = 0; i < COUNT(stock); i++) {
        size_t size = strlen(stock[i]);
        if (size > longest && strncmp(text, stock[i], size) == 0)
            longest = size;
    }
    return longest;
}

static const char *without_stock(struct arena *arena, const char *plain)
{
    char *rest = arena_take(arena, strlen(plain) + 1), *end = rest;
    while (*plain) {
        size_t phrase = stock_at(plain);
        if (phrase == 0)
            *end++ = *plain;
        plain += phrase ? phrase : 1;
    }
    return rest;
}

static long letters_in(const char *text)
{
    long letters = 0;
    ucs4_t point;
    for (const uint8_t *at = u8_next(&point, (const uint8_t *)text); at; at = u8_next(&point, at))
        letters += kind_of(point) >= SPELLED;
    return letters;
}

static bool is_done(const char *plain, const char *rest, const char *promise)
{
    const char *end = first_of(plain, ended, COUNT(ended));
    return first_of(rest, done, COUNT(done)) || (end && end < promise);
}

/* A digit stands in every date and hour that is not a word. */
static bool says_when(const char *text)
{
    return strpbrk(text, "0123456789") || first_of(text, days, COUNT(days));
}

struct hollow hollow_read(struct arena *arena, const char *text)
{
    const char *plain = text_plain(arena, text).text, *rest = without_stock(arena, plain);
    const char *promise = first_of(plain, promises, COUNT(promises));
    return (struct hollow){
        .letters = letters_in(plain),
        .rest = letters_in(rest),
        .undated = promise && !is_done(plain, rest, promise) && !says_when(plain),
    };
}

int hollow_copied(struct arena *arena, const char *text, const char *earlier)
{
    struct grams mine = grams_pairs(arena, text_fold(arena, text)), theirs = grams_pairs(arena, text_fold(arena, earlier));
    size_t same = 0;
    for (size_t i = 0, j = 0; i < mine.count && j < theirs.count;) {
        same += mine.codes[i] == theirs.codes[j];
        int mine_now = mine.codes[i], theirs_now = theirs.codes[j];
        i += mine_now <= theirs_now;
        j += theirs_now <= mine_now;
    }
    return mine.count ? (int)(100 * same / mine.count) : 0;
}
