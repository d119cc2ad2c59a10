"""The words of French that decide a meaning; as tokens, letters have no accents."""

from __future__ import annotations

from .word_table import make_table

_SMALL_NUMBERS = [
    "zero",
    "un",
    "deux",
    "trois",
    "quatre",
    "cinq",
    "six",
    "sept",
    "huit",
    "neuf",
    "dix",
    "onze",
    "douze",
    "treize",
    "quatorze",
    "quinze",
    "seize",
]
_TENS = ["vingt", "trente", "quarante", "cinquante", "soixante"]
_ORDINALS = [
    "premier",
    "deuxieme",
    "troisieme",
    "quatrieme",
    "cinquieme",
    "sixieme",
    "septieme",
    "huitieme",
    "neuvieme",
    "dixieme",
]

TABLE = make_table(
    negations="pas jamais rien personne aucun aucune nulle ni sans guere nullement non",
    negating_prefixes="in im ir de dis",
    quantifiers={
        "all": "tout toute tous toutes chaque toujours entier entiere entierement completement totalement chacun",
        "most": "plupart majorite generalement habituellement souvent frequemment principalement",
        "many": "beaucoup nombreux nombreuses plusieurs",
        "some": "quelques certains certaines quelque parfois partiellement",
        "few": "peu rarement minorite",
        "only": "seulement uniquement exclusivement",
        "almost": "presque quasiment pratiquement",
        "about": "environ",
        "large": "significatif significativement considerable considerablement enorme enormement fortement grand "
        "grande",
        "small": "leger legerement faible faiblement petit petite minime",
    },
    modals={
        "may": "pourrait pourraient peutetre eventuellement possiblement",
        "can": "peut peuvent peux pouvons pouvez",
        "must": "doit doivent dois devons devez faut obligatoire oblige",
        "should": "devrait devraient devrions",
        "certain": "certainement surement assurement forcement",
        "likely": "probablement vraisemblablement probable",
        "unlikely": "improbable",
        "expect": "attend attendons attendent prevoit prevoyons",
        "hope": "espere esperons esperent",
        "think": "crois croit croyons pense pensons pensent",
        "know": "sais sait savons savent",
    },
    strong="all most few only almost may must should certain likely unlikely",
    up="plus augmenter augmente augmentation hausse monter monte croitre croissance gain gains meilleur meilleure "
    "mieux ameliorer ameliore fort forte haut dessus positif positive superieur superieure eleve bon bonne",
    down="moins diminuer diminue diminution baisse baisser chute chuter perte pertes pire empirer deteriorer deteriore "
    "faible bas dessous negatif negative inferieur inferieure reduire reduit reduction mauvais mauvaise",
    opposites={
        "avant": "apres",
        "premier premiere": "dernier derniere",
        "debut commencer commence": "fin finir fini terminer",
        "acheter achete achat": "vendre vendu vente",
        "ouvrir ouvert ouverte": "fermer ferme fermee",
        "pour": "contre",
        "avec": "sans",
        "dedans interieur": "dehors exterieur",
        "gauche": "droite",
        "vrai": "faux",
        "guerre": "paix",
        "toujours": "jamais",
        "homme hommes il": "femme femmes elle",
        "nord": "sud",
        "est": "ouest",
        "long": "court",
        "facile": "difficile",
        "accepter accepte": "refuser refuse",
        "importation": "exportation",
    },
    units={
        "euro": "euro euros eur",
        "dollar": "dollar dollars usd",
        "gramme": "gramme grammes",
        "kilo": "kilo kilos kilogramme kilogrammes kg",
        "tonne": "tonne tonnes",
        "metre": "metre metres",
        "kilometre": "kilometre kilometres km",
        "seconde": "secondes",
        "minute": "minute minutes",
        "heure": "heure heures",
        "jour": "jour jours",
        "semaine": "semaine semaines",
        "mois": "mois",
        "an": "an ans annee annees",
    },
    numbers={name: value for value, name in enumerate(_SMALL_NUMBERS)}
    | {name: 10 * ten for ten, name in enumerate(_TENS, 2)}
    | {"une": 1, "septante": 70, "huitante": 80, "nonante": 90, "vingts": 20},
    scales={"cent": 2, "cents": 2, "mille": 3, "million": 6, "millions": 6, "milliard": 9, "milliards": 9},
    ordinals={name: value for value, name in enumerate(_ORDINALS, 1)}
    | {
        "premiere": 1,
        "second": 2,
        "seconde": 2,
        "demi": 5001,
        "demie": 5001,
        "moitie": 5001,
        "double": 5003,
        "triple": 5004,
        "tiers": 5009,
    },
    persons=[
        "je j me moi mon ma mes",
        "nous notre nos on",
        "vous votre vos",
        "tu te toi ton ta tes",
        "il elle",
        "ils elles",
    ],
    conjunctions=["et", "ou", "mais", "parce", "si", "quand lorsque"],
    tenses={"past": "etait etaient etais", "present": "est sont suis", "future": "sera seront serai"},
    hedges="je pense,je crois,j espere",
    frames="crois pas que,crois pas qu,pense pas que,pense pas qu,dis pas que,dis pas qu,sur que,sur qu,certain que,"
    "certain qu,vrai que,vrai qu",
    doubts="doute que,doute qu,doutons que,doutons qu",
    bounds={
        "more": "plus de",
        "at least": "au moins,au minimum",
        "less": "moins de",
        "at most": "jusqua,au plus,au maximum",
    },
    number_bounds={"about": "environ"},
    articled="un peu",
    limiters="mais sauf si sinon bien pourtant tandis cependant malgre hormis excepte jusqua parce quand seulement "
    "alors pas",
    function_words="le la les l un une des du de d et ou mais a au aux en dans sur par pour avec que qui quoi dont ou "
    "est sont etait etaient etre ete suis sommes je tu il elle on nous vous ils elles me te se lui leur leurs mon ma "
    "mes ton ta tes son sa ses notre votre ce cet cette ces cela ca c qu n ne pas plus tres aussi ont avait ai as "
    "avons avez y s j m t donc alors comme si",
    fillers="euh ben bah hein voila donc alors bon enfin quoi et ouais oui tres vraiment aussi ecoutez disons genre "
    "bien sur",
    forms={
        "etre": "etre est sont etait etaient ete suis sommes sera fut es",
        "avoir": "avoir a ont avait avaient ai as avons avez eu",
        "aller": "aller va vont allait alle vais allons",
        "faire": "faire fait font faisait fais faisons",
        "dire": "dire dit disent disait dis disons",
        "voir": "voir voit voient voyait vu vois voyons",
        "le": "le la les l",
        "un": "un une des",
    },
    questions="qui que quoi quand ou comment pourquoi quel quelle quels quelles combien",
    auxiliaries="est",
    filler_phrases="c est,je veux,tu sais,vous savez,je crois,je pense",
)
