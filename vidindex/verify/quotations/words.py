"""The words by which articles say who spoke, in the languages of the articles that are read."""

from __future__ import annotations


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


SPEECH_VERBS = _words(
    # English
    "corrected corrects started pressed informed intoned spoke said says say saying explained explains explaining"
    " told tells telling added adds adding asked asks asking continued continues recalled recalls recalling"
    " admitted admits insisted insists insisting joked jokes joking confessed confesses began begins argued argues"
    " arguing claimed claims claiming concluded concludes declared declares declaring announced announces stated"
    " states stating responded responds responding replied replies replying revealed reveals remarked remarks"
    " observed observes warned warns warning noted notes noting wrote writes writing answered answers answering"
    " shouted shouts shouting whispered whispers quipped quips offered mused muses reflected reflects acknowledged"
    " acknowledges apologized apologised exclaimed exclaims muttered mutters yelled yells promised promises"
    " suggested suggests suggesting thinks thought believes believed sighed sighs grumbled grumbles complained"
    " complains complaining laughed laughs laughing smiled cried cries snapped growled groaned murmured mumbled"
    " moaned giggled chuckled gasped screamed sobbed roared bellowed hissed barked retorted countered conceded"
    " concedes confirmed confirms denied denies commented comments opined tweeted tweets posted testified"
    " testifies urged urges urging vowed vows pleaded pleads boasted boasts bragged lamented laments predicted"
    " predicts emphasized emphasised emphasizes emphasises stressed stresses reiterated repeated repeats advised"
    " advises interjected interrupted inquired enquired queried wondered wonders demanded demands swore agreed"
    " agrees agreeing objected protested maintained maintains asserted asserts contended contends cautioned"
    " cautions reasoned proclaimed related reported reports shrugged shrugs nodded teased scoffed praised raved"
    " gushed remembers remembered describes described called calls calling"
    # German
    " sagte sagt sagten gesagt erklärte erklärt meinte meint betonte betont fragte fragt antwortete antwortet"
    " entgegnete erwiderte berichtete berichtet erzählte erzählt schrieb schreibt rief ruft ergänzte ergänzt"
    " kritisierte kritisiert warnte warnt forderte fordert versicherte fügte fügt kommentierte behauptete"
    " behauptet räumte äußerte flüsterte seufzte"
    # French
    " dit disait déclare déclaré déclarait explique expliqué expliquait affirme affirmé ajoute ajouté répond"
    " répondu demande demandé assure assuré raconte raconté confie confié précise précisé estime estimé souligne"
    " souligné lance lancé réplique répliqué s'exclame exclame exclamé exclamait poursuit poursuivi reconnaît"
    " reconnu admet admis regrette regretté indique indiqué insiste insisté note noté conclut conclu commente"
    " commenté s'interroge interroge rappelle rappelé résume résumé martèle soupire murmure réagi réagit répondit"
    " demanda expliqua ajouta s'écria écria murmura cria déclara affirma lança répliqua reprit fit poursuivit"
    " s'écrie écrie reprend crie écrit prévient prévenu promis promet avoue avoué rétorque rétorqué plaisante"
    " plaisanté témoigne témoigné juge jugé"
    # Spanish
    " dijo dice decía dicho afirmó afirma afirmado explicó explica explicado aseguró asegura asegurado señaló"
    " señala señalado añadió añade añadido agregó agrega declaró declara declarado comentó comenta comentado"
    " preguntó pregunta respondió responde contestó contesta indicó indica manifestó manifiesta sostuvo sostiene"
    " expresó expresa advirtió advierte recordó recuerda reconoció reconoce exclamó exclama contó cuenta relató"
    " relata insistió insiste lamentó lamenta subrayó subraya escribió escribe apuntó apunta concluyó concluye"
    " destacó destaca admitió admite confesó confiesa gritó susurró murmuró replicó"
    # Italian
    " disse detto ha-detto affermò afferma affermato spiega spiegò spiegato aggiunge aggiunse aggiunto racconta"
    " raccontò raccontato dichiara dichiarò dichiarato chiede chiese chiesto risponde rispose risposto commenta"
    " commentò commentato sostiene sostenuto osserva osservò osservato precisa precisato sottolinea sottolineato"
    " assicura assicurato ricorda ricordato conclude concluso ammette ammesso scrive scritto esclama esclamò"
    " esclamato insiste ribadisce ribadito replica replicò replicato"
    # Portuguese
    " disse diz dizia dito afirmou afirma afirmado explicou declarou acrescentou acrescenta comentou perguntou"
    " pergunta respondeu contou conta relatou relata garantiu garante ressaltou ressalta destacou lembrou lembra"
    " escreveu escreve completou completa revelou revela avaliou avalia admitiu admite salientou sublinhou referiu"
    " refere confessou exclamou gritou lamentou defendeu"
    # Dutch
    " zei zegt zeiden gezegd vertelde vertelt legt verklaarde verklaart vroeg vraagt antwoordde antwoordt schreef"
    " schrijft voegde vindt benadrukte benadrukt aldus meldde meldt riep reageerde reageert vervolgde vervolgt"
    # Swedish, Danish, Norwegian
    " säger sade sa sagt berättar berättade förklarar förklarade skriver skrev svarar svarade menar menade frågar"
    " frågade tillägger konstaterar konstaterade uppger betonar utbrister sier siger sagde fortæller fortalte"
    " forteller forklarer forklarede forklarte spurgte spurte spør spørger svarer svarede svarte mener mente"
    " tilføjer understreger understreker"
    # Polish, Czech
    " powiedział powiedziała mówi mówił mówiła dodał dodała dodaje twierdzi twierdził twierdziła stwierdził"
    " stwierdziła podkreślił podkreśliła podkreśla wyjaśnił wyjaśniła wyjaśnia zapytał zapytała pyta odpowiedział"
    " odpowiedziała odpowiada napisał napisała przyznał przyznała przyznaje zaznaczył zaznaczyła zaznacza"
    " oświadczył oświadczyła zapewnił zapewniła zapewnia ocenił oceniła ocenia tłumaczy tłumaczył tłumaczyła"
    " opowiada wspomina krzyknął krzyknęła szepnął szepnęła zauważył zauważyła komentuje řekl řekla říká uvedl"
    " uvedla dodal dodala vysvětlil vysvětlila prohlásil prohlásila zeptal zeptala odpověděl odpověděla"
    # Finnish, Turkish, Russian, Ukrainian
    " sanoo sanoi kertoo kertoi toteaa totesi kysyi vastasi dedi söyledi belirtti açıkladı сказал сказала говорит"
    " заявил заявила отметил отметила добавил добавила рассказал рассказала пояснил пояснила подчеркнул"
    " подчеркнула спросил спросила ответил ответила написал написала сообщил сообщила считает признался призналась"
    " объяснил объяснила сказав додав зазначив розповів каже заявив"
    # Bulgarian, Serbian, Croatian, Slovene, Slovak
    " каза казва заяви заявява обясни обяснява добави посочи подчерта рекао рекла казао казала изјавио изјавила"
    " rekao rekla kazao kazala kaže izjavio izjavila istaknuo istaknula objasnio objasnila poručio poručila dejal"
    " dejala povedal povedala uviedol uviedla vyhlásil vyhlásila hovorí vysvetlil vysvetlila"
    # Romanian, Hungarian, Greek
    " spus spune declarat declară afirmat afirmă precizat explicat adăugat subliniat mondta mondja közölte"
    " kijelentette nyilatkozta hangsúlyozta hozzátette elmondta fogalmazott είπε λέει δήλωσε τόνισε ανέφερε"
    " πρόσθεσε εξήγησε σημείωσε υπογράμμισε υποστήριξε"
    # Lithuanian, Latvian, Estonian, Indonesian, Vietnamese
    " sakė teigė teigia pabrėžė pridūrė aiškino tvirtino teica norādīja uzsvēra skaidroja paziņoja piebilda ütles"
    " ütleb selgitas rääkis kinnitas kata ujar tutur ucap ungkap nói"
)  # fmt: skip
"""Verbs of speech, as they stand beside a quotation."""

NOT_LISTENER_VERBS = SPEECH_VERBS - _words(
    "told tells telling praised describes described calls called remembers thought"
)
"""Verbs that the speaker may follow: after `told` stands who listened."""

CORE_VERBS = _words(
    "said says added adds explained asked replied answered recalled told continued sagte sagt meinte dijo dice"
    " afirmó dit explique disse detto diz afirmou zei zegt säger sa powiedział powiedziała сказал сказала"
)
"""Verbs that say that somebody spoke even after a full stop."""

VERB_PHRASES = frozenset((
    ("went", "on"), ("goes", "on"), ("put", "it"), ("puts", "it"), ("chimed", "in"), ("chimes", "in"), ("shot", "back"),
    ("fired", "back"), ("hit", "back"), ("pointed", "out"), ("points", "out"), ("summed", "up"), ("sums", "up"),
    ("burst", "out"), ("called", "out"), ("cried", "out"), ("spoke", "up"), ("had", "this"), ("has", "this"),
    ("made", "clear"), ("let", "slip"), ("cut", "in"), ("chipped", "in"), ("wies", "darauf"), ("fügte", "hinzu"),
    ("gab", "zu"), ("quoted", "as"), ("sums", "it"), ("summed", "it"),
    ("sprach", "von"), ("spricht", "von"),
    ("va", "dir"),
))  # fmt: skip

NOUN_VERBS = _words(
    "states notes claims offers reports comments calls thought answers remarks note demande cuenta conta nota escrito"
)
"""Verbs that are nouns after an article or a name (`the United States`)."""

AUXILIARIES = _words(
    "has had have having also later then once again still now just only even always often has-also did does do"
    " would will could may might quickly a ont avait ha han había hat hatte habe har hade aveva hanno tinha foi"
    " est ensuite aussi encore también luego después anche poi ainda também noch auch dann också sedan ook nog"
    " toen też potem jeszcze też se le les me nos lui leur mi gli ci lhe się sich finally simply famously"
    " reportedly reported to be been"
)
NEGATIONS = _words("not never n't didn't didn’t doesn't doesn’t nie niemals jamais nunca mai aldrig nooit nigdy denied")
PASSIVES = _words("was were been being is are got wurde wurden été fue fu foi blev werd")

PRONOUNS = _words(
    "he she they i we you it er sie ich wir il elle ils elles je nous on él ella ellos ellas yo lui lei loro io"
    " noi ele ela eles elas eu hij zij ze ik wij han hon de jag vi hun jeg on ona oni ja my hän he' он она они я"
    " мы вы nobody everybody somebody everyone someone"
)
FEMALE_PRONOUNS = _words("she sie elle ella lei ela zij hon hun ona она")
MALE_PRONOUNS = _words("he er il él lui ele hij han on он")

RELATIVES = _words("who whom qui que quien quienes che der die quem który która som die wie который которая")

CONJUNCTIONS = _words("and but so then as later thus und et y e i como comme jak wie come zoals som så как так")
COORDINATORS = _words("and y et und e och en i then")
DETERMINERS = _words(
    "der die das ein eine ihr ihre sein seine the a an his her their our its my your one another le la les l un"
    " une son sa ses el los las una su il lo gli i o os as um uma seu sua de het een zijn haar en ett hans hennes"
    " den det to ten ta"
)
GERMAN_DETERMINERS = _words("der die das ein eine ihr ihre sein seine dem den")

PREPOSITIONS = _words(
    "of for from in at to with by about on near against between under over behind and or de del des du d di della"
    " dello dei da do dos das von vom für aus bei van voor uit av från för i på z ze w dla од из para por pour"
    " chez avec con per et y e und oder och og en"
)

PARTICLES = _words(
    "de del della di da do dos das du van von der den ter ten zu af la le el al bin ibn ben abu y e mac zur zum"
)

ACCORDING = (
    ("according", "to"), ("in", "the", "words", "of"), ("as", "told", "by"), ("selon",), ("d'après",), ("según",),
    ("secondo",), ("segundo",), ("laut",), ("nach", "angaben", "von"), ("volgens",), ("enligt",), ("ifølge",),
    ("według",), ("zdaniem",), ("podle",), ("по", "словам"),
)  # fmt: skip

ROLE_NOUNS = _words(
    "coach manager captain secretary spokesman spokeswoman spokesperson analyst president director chief minister"
    " professor lawyer attorney founder economist striker midfielder defender goalkeeper quarterback senator"
    " editor writer reporter actor actress singer judge officer scientist researcher chairman chairwoman chair"
    " head leader ceo owner star forward guard pitcher mayor governor representative lawmaker activist farmer"
    " teacher student doctor nurse engineer executive strategist pastor detective sheriff inspector curator author"
    " historian planner resident boss skipper driver rider player correspondent commissioner councilman"
    " councilwoman councillor ambassador general counsel superintendent principal trainer producer"
)
"""Roles that may stand between the name of an organization and that of a person."""

TITLES = _words(
    "mr mrs ms miss dr prof sen rep gov lt sgt capt cpt col gen maj cmdr rev fr sr sra srta dra hon st jr mme"
    " mlle m hr fru frau herr sig dott ing lic d don prof. dir pres adm amb atty supt insp det cllr mgr inż mgr"
    " doc"
)
"""Words that a full stop may follow within a name."""

NO_NAMES = _words(
    "of or yet nor lawmakers users readers activists campaigners protesters protestors economists historians"
    " firefighters paramedics executives engineers astronomers biologists physicians nurses farmers drivers"
    " passengers survivors families relatives friends colleagues supporters opponents regulators investors traders"
    " employees staff management anyone somebody detectives deputies neighbours example examples result results"
    " problem solution answer question verdict lesson headline title subject quote here there’s here’s enter"
    " consider see jak como comme wie zoals som så так как anybody whoever each every such like men women kids"
    " children boys girls locals visitors viewers listeners fishermen soldiers sailors guests members editors"
    " writers singers actors the a an he she they it i we you this that these those there here what when where why"
    " how who but and so then later yesterday today tomorrow now in on at as for from after before by with without"
    " asked speaking police officials authorities nobody everyone everybody people critics experts doctors"
    " scientists researchers analysts reporters residents neighbors neighbours lawyers prosecutors witnesses"
    " sources fans others some many most one two three both all another meanwhile however still yet also if"
    " because while although though once since until even just only perhaps maybe no yes not monday tuesday"
    " wednesday thursday friday saturday sunday january february march april may june july august september"
    " october november december der die das ein eine er sie es wir ich aber und dann am im auf in doch als le la"
    " les un une il elle ils elles nous je mais et alors el los las una él ella pero y entonces lo gli uno lei ma"
    " o os as um uma ele ela mas de het een hij zij maar en den det han hon men och jag vi on ona ale i w na po он"
    " она но и а в на it’s it's that’s officers investigators organizers organisers teachers parents students"
    " workers voters players coaches her his their its our my your something nothing everything anything statement"
    " report court read more photo image source video update note related credit advertisement watch breaking"
    " correction editor editors share tags topics summary story caption click"
)
"""Words that start a sentence or a line with a capital letter and name nobody."""

ANSWER_NOUNS = _words(
    "answer response reply words message verdict comment statement advice conclusion assessment explanation motto take"
    " warning question request suggestion plea theory reminder prediction promise"
)
GIVING_VERBS = _words("had has gave gives offered offers issued issues delivered delivers sent sends")
"""Verbs that announce what somebody says together with an answer noun."""

MANNERS = _words(
    "adamant blunt categorical clear curt defiant direct dismissive emphatic explicit firm frank scathing succinct"
    " unapologetic unequivocal unambiguous unrepentant"
)
"""How somebody speaks whose words follow a colon: `Lena Fox was blunt:`."""

TITLE_NOUNS = _words(
    "song songs single singles hit hits track tracks album albums film films movie movies book books novel novels"
    " show shows series episode episodes play plays poem poems podcast program programme game video clip essay"
    " article story titled entitled called named dubbed nicknamed so-called known musical opera exhibition"
    " documentary sitcom column hymn ballad anthem tune sang sings sing singing performed performing performs"
    " headlined headline section chapter term word phrase slogan category file folder button keyword lied lieder"
    " album buch roman serie folge titel namens genannt sogenannte sogenannten sogenannter canción canciones libro"
    " novela película serie titulada titulado llamada llamado tema chanson chansons livre intitulé intitulée titre"
    " émission dite dit-e canzone canzoni brano romanzo intitolato intitolata cosiddetto cosiddetta filme livro"
    " música intitulado intitulada chamado chamada nummer liedje boek låten boken filmen sången serien piosenka"
    " piosenkę książka książkę film filmu песня песню фильм книга книгу называемый"
)
"""Words before the name of a work, or before words that nobody said."""

SMALL_TITLE_WORDS = _words(
    "of the and a an in on to for with from at by or as is vs into over not but it my de la el le les du des del"
    " di da do dos e y et und der die das den von zu im am i w z na och av på en ett van het een un una una lo il"
    " gli"
)
CODE_COMMANDS = _words("echo print printf puts grep sed awk find cout console.log alert commit -m -e -c cd export set")
